/** The form field SAMLResponse as a person takes it out of a browser: alone, percent-encoded or not, or in the whole body of the request. */
export function samlFieldOf(text: string): string {
  const trimmed = text.trim().replace(/^(["'])([\s\S]*)\1$/, '$2');
  const whole = /(?:^|&)SAMLResponse=([^&\s]*)/.exec(trimmed)?.[1];
  // In a form, a plus sign would be a space; base64 has none.
  return (whole ?? trimmed)
    .replaceAll(/\s/g, '')
    .replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
