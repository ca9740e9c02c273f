/** Something a person should see. A later notice with the same `id` replaces the earlier one. */
export interface Notice {
  readonly id: string;
  /** `warning` and `note` stay; `waiting` is shown while it lasts; `done` takes the notice of that `id` away. */
  readonly kind: "warning" | "note" | "waiting" | "done";
  /** One short sentence in plain text; empty for `done`. */
  readonly text: string;
  /** The same without how far it is, for a place that shows a line once and cannot change it; `text` unless given. */
  readonly lasting?: string;
  /** How much of something is done, for a bar; what waits for an unknown time has none. */
  readonly progress?: { readonly done: number; readonly total: number } | undefined;
}
