/** Tokens of a glob: a UTF-16 unit, or one of these two. */
export const ANY_ONE = -1;
export const ANY_RUN = -2;

/** A pattern with `*` (any run, also none) and `?` (one UTF-16 unit), in the cheapest form that matches the same. */
export type Glob =
  | { readonly kind: 'any' }
  | { readonly kind: 'exact'; readonly text: string }
  | { readonly kind: 'prefix'; readonly text: string }
  | { readonly kind: 'tokens'; readonly tokens: readonly number[] };

const ANY: Glob = { kind: 'any' };

function textOf(tokens: readonly number[]): string {
  let text = '';
  for (const token of tokens) text += String.fromCharCode(token);
  return text;
}

export function globOf(tokens: readonly number[]): Glob {
  const wild = tokens.findIndex((token) => token < 0);
  if (wild === -1) return { kind: 'exact', text: textOf(tokens) };
  if (tokens.slice(wild).every((token) => token === ANY_RUN)) {
    return wild === 0 ? ANY : { kind: 'prefix', text: textOf(tokens.slice(0, wild)) };
  }
  return { kind: 'tokens', tokens };
}

/** `text` as tokens, with `*` and `?` as wildcards. */
export function wildTokens(text: string): number[] {
  const tokens: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charAt(at);
    tokens.push(unit === '*' ? ANY_RUN : unit === '?' ? ANY_ONE : text.charCodeAt(at));
  }
  return tokens;
}

export function literalTokens(text: string): number[] {
  const tokens: number[] = [];
  for (let at = 0; at < text.length; at++) tokens.push(text.charCodeAt(at));
  return tokens;
}

/** Greedy with one point of return, so the time is at most pattern times text and nothing recurses. */
function matchesTokens(tokens: readonly number[], text: string): boolean {
  let at = 0;
  let token = 0;
  let runToken = -1;
  let runAt = 0;
  while (at < text.length) {
    const wanted = tokens[token];
    if (wanted === ANY_RUN) {
      runToken = token++;
      runAt = at;
    } else if (wanted === ANY_ONE || wanted === text.charCodeAt(at)) {
      token++;
      at++;
    } else if (runToken !== -1) {
      token = runToken + 1;
      at = ++runAt;
    } else {
      return false;
    }
  }
  while (tokens[token] === ANY_RUN) token++;
  return token === tokens.length;
}

export function matchesGlob(glob: Glob, text: string): boolean {
  switch (glob.kind) {
    case 'any':
      return true;
    case 'exact':
      return glob.text === text;
    case 'prefix':
      return text.startsWith(glob.text);
    case 'tokens':
      return matchesTokens(glob.tokens, text);
  }
}
