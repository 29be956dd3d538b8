/*
 * A PKCS#11 module (v2.40) for tests, with one token and an AES key that is always there (CKA_ID 16 times 0xAA). It misbehaves as the word in the file
 * $FAKE_MODE says, and writes each login to the file $FAKE_LOG and each call that it will never answer to $FAKE_HUNG. Its "encryption" protects nothing; it only tells changed bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pkcs11/pkcs11.h>

#define PRESENT 1
#define MADE 2
#define CLOUDHSM_AES_GCM 0x80001087UL

static CK_SESSION_HANDLE last_session;
static int found, made;
static CK_BYTE made_id[16];
static struct {
  CK_BYTE *iv;
  CK_BYTE aad[256];
  CK_ULONG aad_length;
} active[64];

static int mode(const char *word) {
  char text[64] = "";
  const char *path = getenv("FAKE_MODE");
  FILE *file = path ? fopen(path, "r") : 0;
  if (!file) return 0;
  if (!fgets(text, sizeof text, file)) text[0] = 0;
  fclose(file);
  return strncmp(text, word, strlen(word)) == 0;
}

static void note(const char *variable, const char *word) {
  const char *path = getenv(variable);
  FILE *file = path ? fopen(path, "a") : 0;
  if (!file) return;
  fprintf(file, "%s\n", word);
  fclose(file);
}

static void hang(void) {
  note("FAKE_HUNG", "hung");
  for (;;) sleep(1000);
}

static void pad(CK_BYTE *out, size_t length, const char *text) {
  memset(out, ' ', length);
  memcpy(out, text, strlen(text));
}

static CK_RV initialize(void *arguments) {
  (void)arguments;
  if (mode("hang-initialize")) hang();
  return CKR_OK;
}

static CK_RV get_info(CK_INFO *info) {
  memset(info, 0, sizeof *info);
  info->cryptokiVersion.major = 2;
  info->cryptokiVersion.minor = 40;
  pad(info->manufacturerID, 32, "Tests");
  pad(info->libraryDescription, 32, "Misbehaves");
  return CKR_OK;
}

static CK_RV get_slot_list(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count) {
  (void)present;
  *count = mode("absent") ? 0 : 1;
  if (slots && *count) slots[0] = 0;
  return CKR_OK;
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
  (void)slot;
  if (mode("dead")) return CKR_DEVICE_ERROR;
  memset(info, 0, sizeof *info);
  pad(info->label, 32, "fake");
  pad(info->manufacturerID, 32, "Tests");
  pad(info->model, 16, "Fake");
  pad(info->serialNumber, 16, "1");
  info->flags = CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED | CKF_LOGIN_REQUIRED | CKF_RNG;
  if (mode("final-try")) info->flags |= CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY;
  if (mode("locked")) info->flags |= CKF_USER_PIN_LOCKED;
  return CKR_OK;
}

static CK_RV get_mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, CK_ULONG *count) {
  CK_MECHANISM_TYPE all[] = {CKM_AES_GCM, CKM_AES_KEY_GEN, CLOUDHSM_AES_GCM};
  (void)slot;
  *count = mode("own-iv") ? 3 : 2;
  if (list) memcpy(list, all, *count * sizeof *list);
  return CKR_OK;
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify, CK_SESSION_HANDLE *session) {
  (void)slot, (void)flags, (void)application, (void)notify;
  *session = ++last_session;
  return CKR_OK;
}

static CK_RV close_session(CK_SESSION_HANDLE session) {
  (void)session;
  return CKR_OK;
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG length) {
  (void)session, (void)user, (void)pin, (void)length;
  note("FAKE_LOG", "login");
  if (mode("hang-login")) hang();
  if (mode("wrong-pin") || mode("final-try")) return CKR_PIN_INCORRECT;
  return CKR_OK;
}

static CK_RV find_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE *wanted, CK_ULONG count) {
  CK_BYTE present[16];
  (void)session, (void)count;
  memset(present, 0xAA, 16);
  found = 0;
  if (wanted[0].ulValueLen == 16 && memcmp(wanted[0].pValue, present, 16) == 0) found = PRESENT;
  if (made && wanted[0].ulValueLen == 16 && memcmp(wanted[0].pValue, made_id, 16) == 0) found = MADE;
  return CKR_OK;
}

static CK_RV find_objects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG most, CK_ULONG *count) {
  (void)session;
  *count = found && most ? 1 : 0;
  if (*count) objects[0] = (CK_OBJECT_HANDLE)found;
  found = 0;
  return CKR_OK;
}

static CK_RV find_final(CK_SESSION_HANDLE session) {
  (void)session;
  return CKR_OK;
}

static CK_RV get_attributes(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attributes, CK_ULONG count) {
  (void)session, (void)object;
  for (CK_ULONG i = 0; i < count; i++) {
    CK_ULONG number = 0;
    CK_BBOOL flag = CK_TRUE;
    int is_flag = 0;
    switch (attributes[i].type) {
      case CKA_CLASS: number = CKO_SECRET_KEY; break;
      case CKA_KEY_TYPE: number = CKK_AES; break;
      case CKA_VALUE_LEN: number = 32; break;
      case CKA_LABEL:
        if (attributes[i].pValue) memcpy(attributes[i].pValue, "fake", 4);
        attributes[i].ulValueLen = 4;
        continue;
      case CKA_EXTRACTABLE: is_flag = 1, flag = mode("leaky") ? CK_TRUE : CK_FALSE; break;
      default: is_flag = 1;
    }
    CK_ULONG length = is_flag ? sizeof flag : sizeof number;
    if (attributes[i].pValue) memcpy(attributes[i].pValue, is_flag ? (void *)&flag : (void *)&number, length);
    attributes[i].ulValueLen = length;
  }
  return CKR_OK;
}

static CK_RV generate_key(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *attributes, CK_ULONG count, CK_OBJECT_HANDLE *key) {
  (void)session, (void)mechanism;
  if (mode("hang-generate")) hang();
  for (CK_ULONG i = 0; i < count; i++)
    if (attributes[i].type == CKA_ID) memcpy(made_id, attributes[i].pValue, 16);
  made = 1;
  *key = MADE;
  return CKR_OK;
}

static CK_RV destroy_object(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
  (void)session, (void)object;
  made = 0;
  return CKR_OK;
}

static CK_RV start(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key) {
  CK_GCM_PARAMS *parameters = mechanism->pParameter;
  (void)key;
  if (mode("removed")) return CKR_DEVICE_REMOVED;
  if (mode("session-lost")) return CKR_SESSION_HANDLE_INVALID;
  active[session % 64].iv = parameters->pIv;
  active[session % 64].aad_length = parameters->ulAADLen < 256 ? parameters->ulAADLen : 256;
  if (parameters->ulAADLen) memcpy(active[session % 64].aad, parameters->pAAD, active[session % 64].aad_length);
  return CKR_OK;
}

static void tag_of(CK_SESSION_HANDLE session, const CK_BYTE *data, CK_ULONG length, CK_BYTE *tag) {
  unsigned state = 2166136261u;
  for (int round = 0; round < 16; round++) {
    for (int i = 0; i < 12; i++) state = (state ^ active[session % 64].iv[i]) * 16777619u;
    for (CK_ULONG i = 0; i < active[session % 64].aad_length; i++) state = (state ^ active[session % 64].aad[i]) * 16777619u;
    for (CK_ULONG i = 0; i < length; i++) state = (state ^ data[i]) * 16777619u;
    tag[round] = (CK_BYTE)(state >> 24);
  }
}

static CK_RV encrypt(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG length, CK_BYTE *out, CK_ULONG *out_length) {
  if (mode("hang-encrypt")) hang();
  if (mode("crash")) abort();
  if (mode("vague") || mode("dead")) return CKR_GENERAL_ERROR;
  if (mode("own-iv")) {
    for (int i = 0; i < 12; i++)
      if (active[session % 64].iv[i]) return CKR_MECHANISM_PARAM_INVALID;
    memset(active[session % 64].iv, 0x42, 12);
  }
  for (CK_ULONG i = 0; i < length; i++) out[i] = data[i] ^ 0x5A;
  tag_of(session, data, length, out + length);
  if (mode("forgets")) out[0] ^= 1;
  *out_length = length + 16;
  return CKR_OK;
}

static CK_RV decrypt(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG length, CK_BYTE *out, CK_ULONG *out_length) {
  CK_BYTE tag[16];
  for (CK_ULONG i = 0; i < length - 16; i++) out[i] = data[i] ^ 0x5A;
  tag_of(session, out, length - 16, tag);
  if (memcmp(tag, data + length - 16, 16) != 0) return CKR_ENCRYPTED_DATA_INVALID;
  *out_length = length - 16;
  return CKR_OK;
}

/* On the thread that the process answers with: nothing else of it moves then. */
static CK_RV generate_random(CK_SESSION_HANDLE session, CK_BYTE *out, CK_ULONG length) {
  (void)session;
  if (mode("hang-random")) hang();
  memset(out, 4, length);
  return CKR_OK;
}

static CK_FUNCTION_LIST functions = {
    .version = {2, 40},
    .C_Initialize = initialize,
    .C_GetInfo = get_info,
    .C_GetSlotList = get_slot_list,
    .C_GetTokenInfo = get_token_info,
    .C_GetMechanismList = get_mechanism_list,
    .C_OpenSession = open_session,
    .C_CloseSession = close_session,
    .C_Login = login,
    .C_FindObjectsInit = find_init,
    .C_FindObjects = find_objects,
    .C_FindObjectsFinal = find_final,
    .C_GetAttributeValue = get_attributes,
    .C_GenerateKey = generate_key,
    .C_DestroyObject = destroy_object,
    .C_EncryptInit = start,
    .C_Encrypt = encrypt,
    .C_DecryptInit = start,
    .C_Decrypt = decrypt,
    .C_GenerateRandom = generate_random,
};

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list) {
  *list = &functions;
  return CKR_OK;
}
