/** The whole look of the page. It stands in the page itself, which then needs nothing else. */
export const style = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 0 auto; padding: 1rem; }
h2 { border-bottom: 2px solid var(--line); margin-top: 3rem; }
h3 { margin-top: 2.5rem; }
nav ul { columns: 16rem; padding-left: 1.2rem; }
code, pre { font: 0.875rem/1.45 ui-monospace, monospace; }
code { overflow-wrap: anywhere; }
pre { overflow-x: auto; padding: 0.75rem; border: 1px solid var(--line); border-radius: 0.3rem; }
pre code { overflow-wrap: normal; }
.method { font: bold 0.875rem ui-monospace, monospace; padding: 0.15rem 0.4rem; border: 1px solid var(--line); border-radius: 0.3rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.6rem 0.3rem 0; border-bottom: 1px solid var(--line); }
td p { margin: 0; }
td pre { max-width: 32rem; }
summary { cursor: pointer; }
em, small { opacity: 0.75; }
:target { scroll-margin-top: 1rem; outline: 2px solid var(--line); outline-offset: 0.5rem; }
`
