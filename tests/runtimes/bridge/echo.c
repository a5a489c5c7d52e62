/* A library with the bridge's interface that doubles what it is given. Macros make it wrong in one way each. */
#include "modelparity.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef INTERFACE
#define INTERFACE 1
#endif
#ifndef ABOUT
#define ABOUT "{\"runtime\": \"Core ML\", \"system\": \"macOS 99.1\", \"swift\": \"6\", \"interface\": 1}"
#endif
#ifdef ABORTS_WHEN_LOADED
__attribute__((constructor)) static void loaded(void) { abort(); }
#endif
#ifdef HANGS_WHEN_LOADED
__attribute__((constructor)) static void loaded(void) { for (;;) sleep(1); }
#endif

static const char *said = "";
static int32_t fail(const char *text) { said = text; return -4; }

int32_t mp_interface(void) { return INTERFACE; }
char *mp_about(void) { return strdup(ABOUT); }
void mp_text_free(char *text) { free(text); }
const char *mp_last_error(void) { return said; }

struct mp_model { char units[64]; };
struct mp_result { int32_t count; mp_tensor tensors[8]; };

int32_t mp_model_open(const char *path, const char *options, mp_model **model) {
  if (strstr(path, "abort")) abort();
  if (strstr(path, "crash")) *(volatile int *)8 = 1;
  if (strstr(path, "exit")) _exit(3);
  if (strstr(path, "hang")) for (;;) sleep(1);
  if (strstr(path, "refuse")) return fail("the model's weights are of no use");
  if (strstr(path, "wordless")) return fail("");
  if (strstr(path, "old")) { said = "functions need macOS 15"; return -5; }
  *model = calloc(1, sizeof(mp_model));
  strncpy((*model)->units, options ? options : "", 63);
  return 0;
}
void mp_model_close(mp_model *model) { free(model); }
int32_t mp_model_describe(mp_model *model, char **json) {
  *json = strdup("{\"inputs\": [{\"name\": \"x\", \"type\": \"multiArray\", \"dtype\": \"float32\"}], "
                 "\"outputs\": [{\"name\": \"y\"}], \"states\": [], \"functions\": [], \"metadata\": {}}");
  return 0;
}
int32_t mp_model_plan(mp_model *model, char **json) { *json = strdup(model->units); return 0; }
int32_t mp_state_make(mp_model *model, mp_state **state) { said = "states need macOS 15"; return -5; }
int32_t mp_state_reset(mp_state *state) { return 0; }
void mp_state_free(mp_state *state) {}

#ifndef LACKS_RUN
int32_t mp_model_run(mp_model *model, const mp_tensor *inputs, int32_t count, mp_state *state,
                     const char *const *names, int32_t wanted, mp_result **result) {
  if (count != 1 || inputs[0].dtype != 0) return fail("give one input of float32");
  mp_result *made = calloc(1, sizeof *made);
  made->count = 1;
  made->tensors[0] = inputs[0];
  made->tensors[0].name = "y";
  made->tensors[0].data = malloc(inputs[0].bytes + 1);
  for (int64_t i = 0; i < inputs[0].bytes / 4; i++)
    ((float *)made->tensors[0].data)[i] = 2 * ((const float *)inputs[0].data)[i];
  *result = made;
  return 0;
}
#endif
int32_t mp_result_count(const mp_result *result) { return result->count; }
int32_t mp_result_get(const mp_result *result, int32_t index, mp_tensor *tensor) {
  *tensor = result->tensors[index];
  return 0;
}
void mp_result_free(mp_result *result) {
  if (result) free(result->tensors[0].data);
  free(result);
}
int32_t mm_model_predict(void *ctx, const char *model_path, const float *input_data, const int32_t *input_shape,
                         int32_t input_shape_len, int32_t input_count, MMBuffer *out) {
  return fail("not here");
}
void mm_buffer_free(MMBuffer *buf) {}
