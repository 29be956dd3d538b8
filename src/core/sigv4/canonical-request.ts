export interface CanonicalParts {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** `name:value\n` lines. */
  readonly headerBlock: string;
  readonly signedHeaders: string;
  /** Hex SHA-256 of the body or one of the literal values of `x-amz-content-sha256`. */
  readonly payloadHash: string;
}

/** Joins the canonical parts (SigV4, "Create a canonical request"). */
export function canonicalRequest(parts: CanonicalParts): string {
  return canonicalHead(parts) + parts.payloadHash;
}

/** All but the last line, for whoever does not know the payload yet. */
export function canonicalHead(parts: Omit<CanonicalParts, 'payloadHash'>): string {
  return `${parts.method}\n${parts.path}\n${parts.query}\n${parts.headerBlock}\n${parts.signedHeaders}\n`;
}
