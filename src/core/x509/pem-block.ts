/** One block of a PEM file (RFC 7468); the content is base64 in one line. */
export function pemBlock(label: 'CERTIFICATE' | 'CERTIFICATE REQUEST', base64: string): string {
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
