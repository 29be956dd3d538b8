/** What the system tells about a HID device before it is opened. */
export interface DeviceDescription {
  vendorId: number;
  productId: number;
  manufacturer: string;
  product: string;
  serialNumber: string;
  usagePage: number;
  usage: number;
  /** HID report descriptor, as hidraw gives it. */
  reportDescriptor: Uint8Array;
}

/** A device in software, seen from its USB plug. Reports are without their number. */
export interface EmulatedDevice {
  readonly description: DeviceDescription;
  /** An output report from the computer. */
  output(report: Uint8Array): void;
  /** Input reports to every program that holds the device; the answer stops listening. */
  onInput(listener: (report: Uint8Array) => void): () => void;
  setFeature(report: Uint8Array): void;
  getFeature(length: number): Uint8Array;
  /** Power comes on: channels, tokens and what counts only until the next power cycle start anew. */
  powerOn(): void;
  powerOff(): void;
}

export const concat = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

export const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
