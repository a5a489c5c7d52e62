#include "thread_text.h"

static _Thread_local char text[MP_THREAD_TEXT];

char *mp_thread_text(void) { return text; }
