/**
 * The words of a command line as a POSIX shell reads them, without its expansions: quotes and backslashes only. Null where a quote is left open.
 * What `credential_process` of ~/.aws/config is split by (AWS SDKs and Tools reference, "Process credential provider").
 */
export function splitWords(line: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let at = 0; at < line.length; at++) {
    const letter = line.charAt(at);
    if (quote !== null) {
      if (letter === quote) quote = null;
      else if (quote === '"' && letter === '\\' && /["\\$`]/.test(line.charAt(at + 1)))
        word = `${word ?? ''}${line.charAt(++at)}`;
      else word = `${word ?? ''}${letter}`;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      word ??= '';
    } else if (letter === '\\') {
      if (at + 1 === line.length) return null;
      word = `${word ?? ''}${line.charAt(++at)}`;
    } else if (/\s/.test(letter)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = `${word ?? ''}${letter}`;
  }
  if (quote !== null) return null;
  if (word !== null) words.push(word);
  return words;
}
