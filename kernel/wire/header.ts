/** The header of a message. Keep unknown fields: the parent header of a reply must equal the request's header. */
export interface Header {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly version: string;
}
