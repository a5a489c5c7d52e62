#ifndef MODELPARITY_THREAD_TEXT_H
#define MODELPARITY_THREAD_TEXT_H

/* The memory of this thread's last error; Swift has no thread-local variables. */
#define MP_THREAD_TEXT 4096
__attribute__((visibility("hidden"))) char *mp_thread_text(void);

#endif
