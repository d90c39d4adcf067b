/** A file of a library that the page loads. */
interface LibraryFile {
  /** The name in `import` statements of the page. Absent: a style sheet, which index.html names. */
  readonly specifier?: string
  /** The name below `dashboard/libraries/`. */
  readonly name: string
  /** What Node.js resolves to the file. */
  readonly source: string
}

const moduleOf = (specifier: string, name: string, source = specifier): LibraryFile => ({
  specifier,
  name,
  source,
})

/** The libraries of the page. They are devDependencies: the build copies these files, so the package needs no more of them. */
export const libraryFiles: readonly LibraryFile[] = [
  moduleOf('preact', 'preact.js'),
  moduleOf('preact/hooks', 'preact-hooks.js'),
  moduleOf('htm', 'htm.js'),
  moduleOf('htm/preact', 'htm-preact.js'),
  moduleOf('@preact/signals-core', 'signals-core.js'),
  moduleOf('@preact/signals', 'signals.js'),
  moduleOf('uplot', 'uplot.js', 'uplot/dist/uPlot.esm.js'),
  { name: 'uplot.css', source: 'uplot/dist/uPlot.min.css' },
]

/** Where the file is in node_modules. */
export const sourceOf = ({ source }: LibraryFile): URL => new URL(import.meta.resolve(source))
