import { existsSync } from 'node:fs';

/** Where vendors put their PKCS#11 modules, by platform. */
const PLACES: ReadonlyArray<{ vendor: string; paths: readonly string[] }> = [
  {
    vendor: 'SoftHSM2',
    paths: [
      '/usr/lib/softhsm/libsofthsm2.so',
      '/usr/lib64/softhsm/libsofthsm2.so',
      '/usr/lib64/pkcs11/libsofthsm2.so',
      '/usr/local/lib/softhsm/libsofthsm2.so',
      '/opt/homebrew/lib/softhsm/libsofthsm2.so',
      'C:\\SoftHSM2\\lib\\softhsm2-x64.dll',
    ],
  },
  {
    vendor: 'AWS CloudHSM',
    paths: ['/opt/cloudhsm/lib/libcloudhsm_pkcs11.so', 'C:\\Program Files\\Amazon\\CloudHSM\\lib\\cloudhsm_pkcs11.dll'],
  },
  {
    vendor: 'YubiHSM 2',
    paths: [
      '/usr/lib/x86_64-linux-gnu/pkcs11/yubihsm_pkcs11.so',
      '/usr/lib64/pkcs11/yubihsm_pkcs11.so',
      '/usr/local/lib/pkcs11/yubihsm_pkcs11.dylib',
      '/opt/homebrew/lib/pkcs11/yubihsm_pkcs11.dylib',
    ],
  },
  {
    vendor: 'YubiKey PIV',
    paths: [
      '/usr/lib/x86_64-linux-gnu/libykcs11.so',
      '/usr/local/lib/libykcs11.dylib',
      '/opt/homebrew/lib/libykcs11.dylib',
    ],
  },
  {
    vendor: 'Thales Luna',
    paths: ['/usr/safenet/lunaclient/lib/libCryptoki2_64.so', 'C:\\Program Files\\SafeNet\\LunaClient\\cryptoki.dll'],
  },
  { vendor: 'Entrust nShield', paths: ['/opt/nfast/toolkits/pkcs11/libcknfast.so'] },
  { vendor: 'Utimaco', paths: ['/opt/utimaco/lib/libcs_pkcs11_R3.so'] },
  {
    vendor: 'OpenSC',
    paths: [
      '/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so',
      '/usr/lib64/opensc-pkcs11.so',
      '/Library/OpenSC/lib/opensc-pkcs11.so',
    ],
  },
];

/** The well-known modules that are on this machine. Nothing is loaded. */
export function knownModules(): { path: string; vendor: string }[] {
  return PLACES.flatMap(({ vendor, paths }) =>
    paths.filter((path) => existsSync(path)).map((path) => ({ path, vendor })),
  );
}
