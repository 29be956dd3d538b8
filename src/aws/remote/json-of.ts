/** What an answer says in JSON; undefined where it is none. Its secrets have to be taken out before (`takeSecrets`). */
export function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
