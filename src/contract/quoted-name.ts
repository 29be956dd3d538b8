/** A name as it is typed at a shell: in a command that a message gives, a space in it must not end it, and nothing in it be read as something else. */
export function quotedName(name: string): string {
  if (/^[\w.@+-]+$/.test(name)) return name;
  return /["$`!]/.test(name) ? `'${name.replaceAll("'", "'\\''")}'` : `"${name}"`;
}
