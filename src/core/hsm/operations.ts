import { beginAccountExport, endAccountExport, exportRecords } from './operations/account-export.ts';
import { beginAccountImport, dropTransfer, endAccountImport, importRecords } from './operations/account-import.ts';
import { admitKeyUse } from './operations/admit-key-use.ts';
import { admitWithTouch } from './operations/admit-with-touch.ts';
import { asymDecrypt, asymEncrypt } from './operations/asym-encrypt.ts';
import { calibrate } from './operations/calibrate.ts';
import { changeUserPassword, changeUsers } from './operations/change-users.ts';
import { checkSecret } from './operations/check-secret.ts';
import { commit } from './operations/commit.ts';
import { compareObject } from './operations/compare-object.ts';
import { createVault } from './operations/create-vault.ts';
import { derivePageTokenKey } from './operations/derive-page-token-key.ts';
import { describeObjects } from './operations/describe-objects.ts';
import { ecdsaSign } from './operations/ecdsa-sign.ts';
import { enrolSecurityKey } from './operations/enrol-security-key.ts';
import { forgetKey } from './operations/forget-key.ts';
import { generateImportKey } from './operations/generate-import-key.ts';
import { generateKmsMaterial } from './operations/generate-kms-material.ts';
import { generateObject } from './operations/generate-object.ts';
import { generateOtpSeed } from './operations/generate-otp-seed.ts';
import { generateSshKey } from './operations/generate-ssh-key.ts';
import { guardDestruction, guardExport } from './operations/guard-objects.ts';
import { hmacSecretInput } from './operations/hmac-secret-input.ts';
import { hsmLogin, hsmLogout } from './operations/hsm-login.ts';
import { importKmsMaterial } from './operations/import-kms-material.ts';
import { importObject } from './operations/import-object.ts';
import { importX509Key } from './operations/import-x509-key.ts';
import { initUsers, resetUsers } from './operations/init-users.ts';
import { kmsDecrypt } from './operations/kms-decrypt.ts';
import { kmsDecapsulate, kmsDeriveSharedSecret, kmsEncapsulate } from './operations/kms-derive-shared-secret.ts';
import { kmsEncrypt } from './operations/kms-encrypt.ts';
import { kmsGenerateDataKey } from './operations/kms-generate-data-key.ts';
import { kmsGenerateDataKeyPair } from './operations/kms-generate-data-key-pair.ts';
import { kmsMac, kmsVerifyMac } from './operations/kms-mac.ts';
import { kmsReEncrypt } from './operations/kms-re-encrypt.ts';
import { kmsSign, kmsVerify } from './operations/kms-sign.ts';
import { leaveSecret } from './operations/leave-secret.ts';
import { lockedLog, openLockedLog } from './operations/locked-log.ts';
import { mac } from './operations/mac.ts';
import { makeKeySlot } from './operations/make-key-slot.ts';
import { makePasswordSlot, makeRecoverySlot } from './operations/make-slot.ts';
import { dropObjects, objectInfo } from './operations/object-info.ts';
import { openAudit } from './operations/open-audit.ts';
import { checkObjects, openRecords } from './operations/open-records.ts';
import { openToken } from './operations/open-token.ts';
import { openUsers } from './operations/open-users.ts';
import { otpClaim, otpCode, otpShow } from './operations/otp-codes.ts';
import { compareOtpSeed, importOtpSeed, otpExport } from './operations/otp-seed.ts';
import { otpVerify } from './operations/otp-verify.ts';
import { lastTouch, passGate } from './operations/pass-gate.ts';
import { pinUvAuthenticate, pinUvBegin, pinUvEnd, pinUvNewPin, pinUvPinHash, pinUvToken } from './operations/pin-uv.ts';
import { presentTouch } from './operations/present-touch.ts';
import { proveSlots } from './operations/prove-slots.ts';
import { publicKeyOf } from './operations/public-key-of.ts';
import { approveQuorumToken, cancelQuorumToken, createQuorumToken } from './operations/quorum-token.ts';
import { randomBytes } from './operations/random-bytes.ts';
import { resealRecords } from './operations/reseal-records.ts';
import { retireKeks } from './operations/retire-keks.ts';
import { revealClientSecret } from './operations/reveal-client-secret.ts';
import { revealCredential } from './operations/reveal-credential.ts';
import { sealKey } from './operations/seal-key.ts';
import { sealTokenPin } from './operations/seal-token-pin.ts';
import { setGate } from './operations/set-gate.ts';
import { sigv4DeriveClientKey, sigv4Sign, sigv4SignChunks, sigv4Verify } from './operations/sigv4.ts';
import { sigv4aPublicKey, sigv4aSign } from './operations/sigv4a.ts';
import { adoptRoot, stageRoot } from './operations/stage-root.ts';
import { touchChallenge } from './operations/touch-challenge.ts';
import { touchForUsers } from './operations/touch-for-users.ts';
import { unlock } from './operations/unlock.ts';
import { updateObject } from './operations/update-object.ts';
import { verifyHead, verifyPages } from './operations/verify-set.ts';
import { viewUsers } from './operations/view-users.ts';
import { unwrap, wrap } from './operations/wrap.ts';
import { x509Sign } from './operations/x509-sign.ts';
import type { HsmOperation, HsmOutput } from './protocol.ts';
import type { TokenState } from './state.ts';

/** Every operation, checked for completeness by its type. Each validates its own input. */
export const OPERATIONS: {
  readonly [O in HsmOperation]: (state: TokenState, input: unknown) => HsmOutput<O> | Promise<HsmOutput<O>>;
} = {
  sealKey,
  calibrate,
  createVault,
  unlock,
  checkSecret,
  makePasswordSlot,
  makeRecoverySlot,
  commit,
  openRecords,
  checkObjects,
  describeObjects,
  verifyPages,
  verifyHead,
  openAudit,
  lockedLog,
  openLockedLog,
  importObject,
  generateObject,
  updateObject,
  objectInfo,
  compareObject,
  revealClientSecret,
  openToken,
  leaveSecret,
  sealTokenPin,
  dropObjects,
  sigv4Sign,
  sigv4Verify,
  sigv4SignChunks,
  sigv4DeriveClientKey,
  sigv4aSign,
  sigv4aPublicKey,
  hmac: mac,
  wrap,
  unwrap,
  ecdsaSign,
  random: randomBytes,
  derivePageTokenKey,
  generateKmsMaterial,
  kmsEncrypt,
  kmsDecrypt,
  kmsGenerateDataKey,
  kmsMac,
  kmsVerifyMac,
  publicKeyOf,
  kmsReEncrypt,
  kmsGenerateDataKeyPair,
  asymEncrypt,
  asymDecrypt,
  kmsSign,
  kmsVerify,
  kmsDeriveSharedSecret,
  kmsEncapsulate,
  kmsDecapsulate,
  generateImportKey,
  importKmsMaterial,
  beginAccountExport,
  exportRecords,
  endAccountExport,
  beginAccountImport,
  importRecords,
  endAccountImport,
  dropTransfer,
  openUsers,
  viewUsers,
  initUsers,
  resetUsers,
  hsmLogin,
  hsmLogout,
  changeUsers,
  changeUserPassword,
  createQuorumToken,
  touchForUsers,
  approveQuorumToken,
  cancelQuorumToken,
  guardDestruction,
  guardExport,
  admitKeyUse,
  importOtpSeed,
  otpShow,
  otpClaim,
  otpCode,
  compareOtpSeed,
  otpExport,
  generateSshKey,
  revealCredential,
  generateOtpSeed,
  otpVerify,
  enrolSecurityKey,
  admitWithTouch,
  touchChallenge,
  presentTouch,
  forgetKey,
  passGate,
  setGate,
  lastTouch,
  pinUvBegin,
  pinUvPinHash,
  pinUvNewPin,
  pinUvToken,
  pinUvAuthenticate,
  hmacSecretInput,
  pinUvEnd,
  makeKeySlot,
  proveSlots,
  stageRoot,
  adoptRoot,
  resealRecords,
  retireKeks,
  importX509Key,
  x509Sign,
};

export function isOperation(name: string): name is HsmOperation {
  return Object.hasOwn(OPERATIONS, name);
}
