/** Several renderings of one value by MIME type, as a notebook wants them. */
export type MimeBundle = Record<string, string>;

/** A notebook kernel asks a value for its MimeBundle by this symbol. */
export const jupyterDisplay: unique symbol = Symbol.for("Jupyter.display") as never;
