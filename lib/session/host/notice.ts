/** A message to the user. A later notice with the same `id` replaces the earlier one. */
export interface Notice {
  readonly id: string;
  /** `warning` and `note` stay; `waiting` is shown while the wait lasts; `done` removes the notice of that `id`. */
  readonly kind: "warning" | "note" | "waiting" | "done";
  /** One short sentence in plain text; empty for `done`. */
  readonly text: string;
  /** The same without the progress, for places that cannot update a line. Default: `text`. */
  readonly lasting?: string;
  /** The progress, for a bar; absent if unknown. */
  readonly progress?: { readonly done: number; readonly total: number } | undefined;
}
