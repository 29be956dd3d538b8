/** The bytes between `<name>` and `</name>`, where they first come; undefined without. For leaves of AWS's own answers, whose secrets must not become text. */
export function elementOf(xml: Buffer, name: string): Buffer | undefined {
  const open = `<${name}>`;
  const from = xml.indexOf(open);
  if (from === -1) return undefined;
  const start = from + open.length;
  const end = xml.indexOf(`</${name}>`, start);
  return end === -1 ? undefined : xml.subarray(start, end);
}
