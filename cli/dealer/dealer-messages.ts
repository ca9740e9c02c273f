/** Messages between the two processes of the dealer: the one with the gate and the one with the sockets. */

/** To the process with the sockets. */
export type ToDesk =
  | {
      readonly type: "start";
      /** The folder of the dealer's keys; undefined without encryption. */
      readonly folder: string | undefined;
      /** Public keys of parties to serve, besides those in the folder. */
      readonly peerKeys: readonly string[];
    }
  | { readonly type: "open" | "closed"; readonly id: number }
  | { readonly type: "close" };

/** From the process with the sockets. */
export type FromDesk =
  | { readonly type: "ready" }
  | { readonly type: "opened"; readonly id: number; readonly endpoint: string }
  | { readonly type: "refused"; readonly id: number }
  | { readonly type: "heard"; readonly id: number; readonly known: boolean }
  | { readonly type: "log"; readonly text: string }
  /** The process is alive, and uses `bytes` of memory. */
  | { readonly type: "alive"; readonly bytes: number };
