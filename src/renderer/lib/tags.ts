/** Tags as one line of text: `team=payments, tier=1`. */
export function formatTags(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .join(', ');
}

/** Reads `name=value` pairs between commas; a name alone has an empty value. */
export function parseTags(text: string): { tags: Record<string, string> } | { error: string } {
  const tags: Record<string, string> = {};
  for (const part of text.split(',')) {
    const trimmed = part.trim();
    if (trimmed === '') continue;
    const at = trimmed.indexOf('=');
    const name = (at === -1 ? trimmed : trimmed.slice(0, at)).trim();
    const value = at === -1 ? '' : trimmed.slice(at + 1).trim();
    if (name === '') return { error: `“${trimmed}” has no name before its equals sign.` };
    if (name.length > 128) return { error: 'A tag’s name has at most 128 characters.' };
    if (value.length > 256) return { error: 'A tag’s value has at most 256 characters.' };
    if (Object.hasOwn(tags, name)) return { error: `The tag “${name}” stands twice.` };
    tags[name] = value;
  }
  return { tags };
}

export function tagsError(text: string): string | null {
  const parsed = parseTags(text);
  return 'error' in parsed ? parsed.error : null;
}
