export interface ServiceErrorOptions extends ErrorOptions {
  /** HTTP status; 400 unless said. */
  status?: number;
  /** Somebody has to allow it first: the log has the call as denied, with the message. False unless said. */
  denied?: boolean;
  /** Further members of the error's shape, as they go into the answer: text, numbers, booleans. */
  members?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * What an AWS service answers instead of a result: the client reads `code` as the error's name and `message` as its text. An empty message
 * is left out of the answer, as AWS leaves it out.
 */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  /** AWS's name: `NotFoundException`. */
  readonly code: string;
  readonly status: number;
  readonly denied: boolean;
  readonly members: Readonly<Record<string, string | number | boolean>>;

  constructor(
    code: string,
    message: string,
    { status = 400, denied = false, members = {}, cause }: ServiceErrorOptions = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
    this.denied = denied;
    this.members = members;
  }
}
