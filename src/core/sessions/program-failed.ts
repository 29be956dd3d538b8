import { KeyholdError } from '../../contract/errors.ts';

/** What a program of the person's own said may hold anything, a secret too: whoever asked hears it, while logs and the stack have `logged` alone. */
export class ProgramFailed extends KeyholdError {
  readonly logged: string;

  constructor(logged: string, said: string) {
    super('ServiceRefused', `${logged}.`);
    this.logged = `${logged}.`;
    // Made when it is first read, of the message that there is then.
    const { stack } = this;
    if (said !== '') this.message = `${logged} and says: ${said}`;
    if (stack !== undefined) this.stack = stack;
  }
}

/** An error's sentence for the audit log. */
export function loggedMessage(error: KeyholdError): string {
  return error instanceof ProgramFailed ? error.logged : error.message;
}
