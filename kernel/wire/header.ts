/** The header of a message; unknown fields are kept, since a reply's parent header must be the request's. */
export interface Header {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly version: string;
}
