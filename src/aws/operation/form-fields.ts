/**
 * Names and values of a query or form, decoded byte by byte (one character each). Semicolons separate too, as they do for some parsers: better a field too many
 * than one that is not seen.
 */
export function formFields(form: string): [name: string, value: string][] {
  return form.split(/[&;]/).map((part) => {
    const equals = part.indexOf('=');
    const name = equals === -1 ? part : part.slice(0, equals);
    return [decoded(name), equals === -1 ? '' : decoded(part.slice(equals + 1))];
  });
}

function decoded(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
