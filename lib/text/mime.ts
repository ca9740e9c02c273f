/** Renderings of one value by MIME type, as a notebook expects them. */
export type MimeBundle = Record<string, string>;

/** Implement a method with this symbol to tell a notebook kernel how to display a value; it returns a MimeBundle. */
export const jupyterDisplay: unique symbol = Symbol.for("Jupyter.display") as never;
