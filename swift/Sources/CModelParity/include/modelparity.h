/* The C interface of the bridge to Core ML, version 1.
 *
 * This file is what Swift implements and what Python declares: cffi reads it as it stands, without its lines
 * that begin with '#'. Keep it to plain declarations.
 *
 * Every function that can fail returns a status:
 *    0 well
 *   -1 invalid input: a null pointer, a shape, a name, a type, a path
 *   -2 no Metal device
 *   -3 memory could not be allocated
 *   -4 Core ML refused, or failed
 *   -5 this system does not have it: states, functions and compute plans need newer ones
 * and leaves a text for mp_last_error. Nothing is handed out by a call that failed.
 */
#ifndef MODELPARITY_H
#define MODELPARITY_H

#include <stdint.h>

/* One model, one input, one output, float32. ctx may be NULL. */

typedef struct {
  float *data;
  int64_t shape[8];
  int32_t ndim;
  int32_t dtype; /* 0: float32 */
  int64_t count;
} MMBuffer;

int32_t mm_model_predict(void *ctx, const char *model_path, const float *input_data, const int32_t *input_shape,
                         int32_t input_shape_len, int32_t input_count, MMBuffer *out);
void mm_buffer_free(MMBuffer *buf); /* safe to call twice, and with NULL */

/* Everything. Handles that are gone, or are none, are invalid input; closing or freeing them again does nothing. */

int32_t mp_interface(void); /* the version of this file: 1 */
char *mp_about(void);       /* JSON: runtime ("Core ML" or "stand-in"), system, swift, interface */
void mp_text_free(char *text);
const char *mp_last_error(void); /* of this thread, until its next call; never NULL */

typedef struct mp_model mp_model;
typedef struct mp_state mp_state;
typedef struct mp_result mp_result;

/* A dense or strided array. Strides count elements. dtype: 0 float32, 1 float64, 2 float16, 3 int32. */
typedef struct {
  const char *name; /* UTF-8 */
  void *data;
  int64_t bytes; /* that data holds; checked against shape and strides */
  int64_t shape[8];
  int64_t strides[8];
  int32_t rank; /* 0 to 8 */
  int32_t dtype;
} mp_tensor;

/* path: .mlmodel, .mlpackage or .mlmodelc. options: NULL, or JSON with any of
 *   units     "cpuOnly" (default), "cpuAndGPU", "cpuAndNeuralEngine", "all"
 *   function  name of a function of the model
 *   cache     folder for compiled models; the user's cache folder by default
 */
int32_t mp_model_open(const char *path, const char *options, mp_model **model);
void mp_model_close(mp_model *model);
int32_t mp_model_describe(mp_model *model, char **json);
int32_t mp_model_plan(mp_model *model, char **json);

int32_t mp_state_make(mp_model *model, mp_state **state);
int32_t mp_state_reset(mp_state *state);
void mp_state_free(mp_state *state);

/* state: NULL for a model that keeps none. Inputs are read during the call only. names: the outputs that are wanted, in
 * that order, or NULL and 0 for all in the order of their names. */
int32_t mp_model_run(mp_model *model, const mp_tensor *inputs, int32_t count, mp_state *state,
                     const char *const *names, int32_t wanted, mp_result **result);
int32_t mp_result_count(const mp_result *result); /* -1 for what is no result */
int32_t mp_result_get(const mp_result *result, int32_t index, mp_tensor *tensor); /* dense; lives as long as result */
void mp_result_free(mp_result *result);

/* Only where a stand-in takes Core ML's place; mp_about says so. The evaluator is asked for what models compute. */

typedef struct mp_reply mp_reply; /* an answer being given */

typedef struct {
  void *context;
  /* Answers with mp_reply_text: the description as mp_model_describe gives it. function: NULL if none was asked for. */
  void (*describe)(void *context, const char *path, const char *function, mp_reply *reply);
  /* Answers with mp_reply_tensor for each output. state: 0 for none, else a number that mp_state_make chose. */
  void (*predict)(void *context, const char *path, const char *function, int64_t state, const mp_tensor *inputs,
                  int32_t count, mp_reply *reply);
  /* A state is gone: freed, or reset, which is a new one. Its number is not used again. May be NULL. */
  void (*forget)(void *context, int64_t state);
} mp_evaluator;

int32_t mp_standin_register(const mp_evaluator *evaluator); /* NULL takes it away */
/* "plain", or how outputs come and what goes wrong: "strided", "float16", "fail", "abort", "hang"; several with
 * commas. "hang" lasts until it is told another. */
int32_t mp_standin_behave(const char *behaviour);
int32_t mp_reply_text(mp_reply *reply, const char *text);
int32_t mp_reply_tensor(mp_reply *reply, const mp_tensor *output); /* copied before it returns */
int32_t mp_reply_fail(mp_reply *reply, const char *text);

#endif
