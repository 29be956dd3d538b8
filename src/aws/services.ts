const S3_NAMES = new Set(['s3', 's3express', 's3-outposts', 's3-object-lambda']);

/** Whether a signing name speaks S3's protocol and follows its signing rules. */
export function isS3(service: string): boolean {
  return S3_NAMES.has(service);
}
