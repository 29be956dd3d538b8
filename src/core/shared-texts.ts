/** Texts remembered at a time: enough for the few that most records have in common, and for no more. */
const MOST = 256;

/** Gives equal texts of many records as one string, so that the memory holds it once. */
export class SharedTexts {
  readonly #texts = new Map<string, string>();

  share(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= MOST) this.#texts.clear();
    this.#texts.set(text, text);
    return text;
  }
}
