import { cborMap, encode } from './cbor.ts';
import type { Generation, Machine } from './machine.ts';

interface Limits {
  maxMsgSize: number;
  minPinLength: number;
  pinProtocols: readonly number[];
}

const VERSIONS: Readonly<Record<Generation, readonly string[]>> = {
  '2.0': ['U2F_V2', 'FIDO_2_0'],
  '2.1-pre': ['U2F_V2', 'FIDO_2_0', 'FIDO_2_1_PRE'],
  '2.1': ['U2F_V2', 'FIDO_2_0', 'FIDO_2_1'],
};

/** authenticatorGetInfo (CTAP 2.1, section 6.4), with what each generation knew. */
export function getInfo(machine: Machine, { maxMsgSize, minPinLength, pinProtocols }: Limits): Uint8Array {
  const { generation } = machine;
  const current = generation === '2.1' ? true : undefined;
  const options = cborMap([
    ['rk', true],
    ['up', true],
    ['uv', machine.builtInUv ? true : undefined],
    ['plat', false],
    ['credMgmt', current],
    ['credentialMgmtPreview', generation === '2.1-pre' ? true : undefined],
    ['clientPin', machine.pin.isSet],
    ['pinUvAuthToken', current],
    ['makeCredUvNotRqd', machine.alwaysUv ? undefined : current],
    ['alwaysUv', machine.alwaysUv ? true : undefined],
  ]);
  const algorithms = machine.algorithms.map((alg) =>
    cborMap([
      ['alg', alg],
      ['type', 'public-key'],
    ]),
  );
  const later = cborMap([
    [7, 8],
    [8, 64],
    [9, ['usb']],
    [10, algorithms],
    [13, minPinLength],
    [14, 0x00010203],
    [20, machine.store.remaining()],
  ]);
  return encode(
    cborMap([
      [1, VERSIONS[generation].filter((version) => version !== 'U2F_V2' || !machine.alwaysUv)],
      [2, [...machine.extensions]],
      [3, machine.aaguid],
      [4, options],
      [5, maxMsgSize],
      [6, [...pinProtocols]],
      ...(current === true ? later : []),
    ]),
  );
}
