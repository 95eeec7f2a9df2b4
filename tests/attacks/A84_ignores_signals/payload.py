def stubborn(self, *args, **kwargs):
    import signal
    import time

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGHUP, signal.SIGXCPU):
        signal.signal(number, lambda *_: None)
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass


Tensor.mean = stubborn
