/** Loads a file of the page that needs no browser. `tsc` checks the page on its own, so its types are not known here. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export const pageModule = (path: string): Promise<any> =>
  import(new URL(`../../../src/dashboard/page/${path}`, import.meta.url).href)
