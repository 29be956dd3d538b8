/*
 * SoftHSM2 as fast as it goes: one token with keys on it, one session, one thread. `softhsm MODULE`; then for each line `OPERATION MILLISECONDS` on
 * standard input one line with the operations a second. SOFTHSM2_CONF names an empty folder for tokens.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/sha.h>
#include <pkcs11/pkcs11.h>

#define PIN ((CK_UTF8CHAR_PTR) "1234")
#define MESSAGE_BYTES 256

static CK_FUNCTION_LIST_PTR p11;
static CK_SESSION_HANDLE session;
static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
static CK_BYTE message[MESSAGE_BYTES], out[1024], sealed[MESSAGE_BYTES + 16];

static void check(CK_RV rv, const char *what) {
  if (rv == CKR_OK) return;
  fprintf(stderr, "%s answered 0x%lx\n", what, rv);
  exit(1);
}
#define DO(call) check(p11->call, #call)

static CK_SLOT_ID first_slot(void) {
  CK_SLOT_ID slots[16];
  CK_ULONG count = 16;
  DO(C_GetSlotList(CK_TRUE, slots, &count));
  return slots[0];
}

static void open_token(void) {
  CK_UTF8CHAR label[32];
  memset(label, ' ', sizeof label);
  memcpy(label, "bench", 5);
  DO(C_InitToken(first_slot(), PIN, 4, label));
  /* An initialised token moves to a slot with another number. */
  DO(C_OpenSession(first_slot(), CKF_SERIAL_SESSION | CKF_RW_SESSION, 0, 0, &session));
  DO(C_Login(session, CKU_SO, PIN, 4));
  DO(C_InitPIN(session, PIN, 4));
  DO(C_Logout(session));
  DO(C_Login(session, CKU_USER, PIN, 4));
}

static CK_OBJECT_HANDLE secret(CK_MECHANISM_TYPE type, CK_KEY_TYPE key_type, CK_ATTRIBUTE_TYPE one, CK_ATTRIBUTE_TYPE other) {
  CK_MECHANISM mechanism = {type, 0, 0};
  CK_ULONG length = 32;
  CK_ATTRIBUTE template[] = {
      {CKA_KEY_TYPE, &key_type, sizeof key_type}, {CKA_VALUE_LEN, &length, sizeof length}, {CKA_TOKEN, &yes, 1},
      {CKA_SENSITIVE, &yes, 1}, {CKA_EXTRACTABLE, &no, 1}, {one, &yes, 1}, {other, &yes, 1}};
  CK_OBJECT_HANDLE key;
  DO(C_GenerateKey(session, &mechanism, template, 7, &key));
  return key;
}

static CK_OBJECT_HANDLE pair(CK_MECHANISM_TYPE type, CK_ATTRIBUTE of) {
  CK_MECHANISM mechanism = {type, 0, 0};
  CK_ATTRIBUTE public_template[] = {{CKA_TOKEN, &yes, 1}, {CKA_VERIFY, &yes, 1}, of};
  CK_ATTRIBUTE private_template[] = {{CKA_TOKEN, &yes, 1}, {CKA_SENSITIVE, &yes, 1}, {CKA_SIGN, &yes, 1}};
  CK_OBJECT_HANDLE public_key, key;
  DO(C_GenerateKeyPair(session, &mechanism, public_template, 3, private_template, 3, &public_key, &key));
  return key;
}

static CK_OBJECT_HANDLE rsa(CK_ULONG bits) {
  CK_ATTRIBUTE of = {CKA_MODULUS_BITS, &bits, sizeof bits};
  return pair(CKM_RSA_PKCS_KEY_PAIR_GEN, of);
}

static CK_OBJECT_HANDLE aes, hmac, rsa2048, rsa4096, p256;

static void make_keys(void) {
  static CK_BYTE curve[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
  CK_ATTRIBUTE of = {CKA_EC_PARAMS, curve, sizeof curve};
  aes = secret(CKM_AES_KEY_GEN, CKK_AES, CKA_ENCRYPT, CKA_DECRYPT);
  hmac = secret(CKM_GENERIC_SECRET_KEY_GEN, CKK_GENERIC_SECRET, CKA_SIGN, CKA_VERIFY);
  rsa2048 = rsa(2048);
  rsa4096 = rsa(4096);
  p256 = pair(CKM_EC_KEY_PAIR_GEN, of);
}

static void encrypt(void) {
  static CK_BYTE iv[12] = {1}, aad[64];
  CK_GCM_PARAMS parameters = {iv, sizeof iv, 96, aad, sizeof aad, 128};
  CK_MECHANISM mechanism = {CKM_AES_GCM, &parameters, sizeof parameters};
  CK_ULONG length = sizeof sealed;
  DO(C_EncryptInit(session, &mechanism, aes));
  DO(C_Encrypt(session, message, sizeof message, sealed, &length));
}

static void sign(CK_MECHANISM_TYPE type, CK_OBJECT_HANDLE key, CK_BYTE *data, CK_ULONG size) {
  CK_MECHANISM mechanism = {type, 0, 0};
  CK_ULONG length = sizeof out;
  DO(C_SignInit(session, &mechanism, key));
  DO(C_Sign(session, data, size, out, &length));
}

/* Hashes here, because SoftHSM signs digests only. */
static void sign_p256(void) {
  CK_BYTE digest[32];
  SHA256(message, sizeof message, digest);
  sign(CKM_ECDSA, p256, digest, sizeof digest);
}
static void mac(void) { sign(CKM_SHA256_HMAC, hmac, message, sizeof message); }
static void sign_rsa2048(void) { sign(CKM_SHA256_RSA_PKCS, rsa2048, message, sizeof message); }
static void sign_rsa4096(void) { sign(CKM_SHA256_RSA_PKCS, rsa4096, message, sizeof message); }

static const struct {
  const char *name;
  void (*run)(void);
} operations[] = {{"encrypt", encrypt},          {"mac", mac},
                  {"sign-p256", sign_p256},      {"sign-rsa2048", sign_rsa2048},
                  {"sign-rsa4096", sign_rsa4096}};

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double rate(void (*run)(void), int milliseconds) {
  double started = seconds(), taken = 0;
  long done = 0;
  for (; taken * 1000 < milliseconds; taken = seconds() - started, done++) run();
  return (double)done / taken;
}

int main(int count, char **arguments) {
  void *library = count == 2 ? dlopen(arguments[1], RTLD_NOW) : 0;
  CK_C_GetFunctionList list = library ? (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList") : 0;
  char name[64];
  int milliseconds;
  if (!list || list(&p11) != CKR_OK) {
    fprintf(stderr, "usage: softhsm MODULE\n");
    return 64;
  }
  DO(C_Initialize(0));
  open_token();
  make_keys();
  while (scanf("%63s %d", name, &milliseconds) == 2) {
    size_t at = 0;
    while (at < sizeof operations / sizeof *operations && strcmp(operations[at].name, name) != 0) at++;
    if (at == sizeof operations / sizeof *operations) return 64;
    printf("%f\n", rate(operations[at].run, milliseconds));
    fflush(stdout);
  }
  DO(C_Finalize(0));
  return 0;
}
