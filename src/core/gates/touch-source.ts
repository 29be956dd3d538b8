/** What a security key is asked to sign, so that somebody touches it. */
export interface TouchRequest {
  rpId: string;
  clientDataHash: Uint8Array;
  /** Of which one has to be touched; `name` as the person calls the key. */
  credentials: { credentialId: Uint8Array; name: string }[];
  /** What for, to be shown: `Touch blue to let aws-cli use deploy (s3 ListBuckets).` */
  message: string;
  /** How long it is waited for, plugging in and touching together. */
  withinMs: number;
}

export interface TouchAnswer {
  credentialId: Uint8Array;
  authenticatorData: Uint8Array;
  signature: Uint8Array;
}

/** Whoever has the devices. */
export interface TouchSource {
  /** Rejects with a KeyholdError that says why there is none (`TouchTimeout`, `TouchRefused`, `DeviceGone`, `Cancelled`, …); soon after `signal` aborts, too. */
  getAssertion(request: TouchRequest, signal: AbortSignal): Promise<TouchAnswer>;
}
