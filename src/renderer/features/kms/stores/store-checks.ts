/** The rules of KMS's API for what people type (CreateCustomKeyStore), each in a sentence that says how to mend it. */

export function nameProblem(value: string): string | null {
  if (value === '') return 'Give it a name.';
  return value.length <= 256 ? null : 'A name has at most 256 characters.';
}

export function endpointProblem(value: string): string | null {
  if (!/^(https:\/\/[a-zA-Z0-9.-]+|http:\/\/(localhost|127\.0\.0\.1))(:\d{1,5})?$/.test(value)) {
    return 'The endpoint is https:// and a host, without a path: https://xks.example.com. On this machine it may be http://localhost.';
  }
  return value.length <= 128 ? null : 'An endpoint has at most 128 characters.';
}

export function pathProblem(value: string): string | null {
  if (!/^(\/[a-zA-Z0-9/_-]+)?\/kms\/xks\/v\d{1,2}$/.test(value)) return 'The path ends with /kms/xks/v1.';
  return value.length <= 128 ? null : 'A path has at most 128 characters.';
}

export function proxyKeyProblem(value: string): string | null {
  return /^[A-Z2-7]{20,30}$/.test(value)
    ? null
    : 'The proxy’s access key id has 20 to 30 characters, capital letters and the digits 2 to 7.';
}

export function proxySecretProblem(value: string): string | null {
  return /^[a-zA-Z0-9/+=]{43,64}$/.test(value) ? null : 'The proxy’s secret has 43 to 64 characters of base64.';
}
