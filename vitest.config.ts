import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const FULL = process.env['KEYHOLD_TEST_FULL'] === '1';

/** Unit tests that start whole processes, pay for Argon2id many times or run thousands of vectors. `npm run check` leaves them to `npm test`. */
export const PROCESS_TESTS = [
  'test/aws/kms/{cloudhsm-key-stores,external-key-stores,import,quorum}.test.ts',
  'test/aws/unsigned-chunks.test.ts',
  'test/cli/{account-file,broken-audit,built,credential,gate,hsm-token,hsm-users,mfa,open,panic,rotate,rotate-key,rotate-schedule,shells,totp,vault,written-files}.test.ts',
  'test/core/api/{account-file,clients,full-disk,hsm-tamper,leases,lifecycle,rekey,scenario,things,tokens}.test.ts',
  'test/core/audit/audit.test.ts',
  'test/core/hsm/pkcs11/*.test.ts',
  'test/core/hsm/{account-file,approval-touch,both-libraries,kms-import,kms-secrets,kms-signing,users,vault-operations,wycheproof}.test.ts',
  'test/core/gates/*.test.ts',
  'test/core/kms/sweep.test.ts',
  'test/core/mirrors/*.test.ts',
  'test/core/panic/*.test.ts',
  'test/core/rotation/*.test.ts',
  'test/core/security-keys/*.test.ts',
  'test/core/tokens/*.test.ts',
  'test/core/vault/{backup,file,rekey,store,tamper}.test.ts',
  'test/daemon/{file-jobs,full-disk,hsm-fork,serve,totp}.test.ts',
  'test/daemon/hid/{node-hid,security-keys,unlock}.test.ts',
];

/** Unit tests that put other modules in the place of real ones, or need Argon2id as it is: each with modules of its own. */
export const ISOLATED_TESTS = [
  'test/{main,preload}/**/*.test.ts',
  'test/core/crypto/kdf.test.ts',
  'test/core/hsm/key-slots.test.ts',
  'test/daemon/run-program.test.ts',
  'test/renderer/features/kms/files.test.ts',
];

/** Process tests in which what one process derives from a password is derived again in another, or which test the costs of Argon2id. */
const COSTLY_TESTS = ['test/cli/rotate.test.ts', 'test/core/hsm/vault-operations.test.ts'];

/** Argon2id of the least cost for what runs in the tests' own process; the long forms have the real one. */
const quick = FULL
  ? {}
  : {
      resolve: {
        alias: { '@node-rs/argon2': fileURLToPath(new URL('test/support/quick-argon2.ts', import.meta.url)) },
      },
    };

// Vitest itself would leave a processor idle, which on two of them doubles the time.
const unit = { testTimeout: 30_000, hookTimeout: 30_000, maxWorkers: availableParallelism() };
// They wait for other processes most of the time.
const processes = { testTimeout: 60_000, hookTimeout: 60_000, maxWorkers: availableParallelism() + 1 };

export default defineConfig({
  test: {
    projects: [
      {
        ...quick,
        test: {
          name: 'unit',
          include: ['test/{contract,client,core,aws,daemon,device,cli,main,preload,renderer,repo}/**/*.test.{ts,tsx}'],
          exclude: [...PROCESS_TESTS, ...ISOLATED_TESTS],
          // Reading the same modules anew for each of hundreds of files takes longer than the tests.
          isolate: false,
          ...unit,
        },
      },
      { test: { name: 'unit-isolated', include: ISOLATED_TESTS, ...unit } },
      { ...quick, test: { name: 'process', include: PROCESS_TESTS, exclude: COSTLY_TESTS, ...processes } },
      { test: { name: 'process-costly', include: COSTLY_TESTS, ...processes } },
      {
        test: {
          name: 'clients',
          include: ['test/clients/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // Each starts a daemon of its own on a free port; much of their time is Python starting.
          maxWorkers: Math.max(3, availableParallelism()),
        },
      },
      {
        test: {
          name: 'robustness',
          include: ['test/robustness/**/*.test.ts'],
          // A hang in the short forms must not cost an hour.
          testTimeout: FULL ? 3_600_000 : 240_000,
          hookTimeout: 180_000,
          // The long forms have the machine to themselves.
          maxWorkers: FULL ? 1 : Math.max(3, availableParallelism()),
        },
      },
    ],
  },
});
