# Nothing is changed but the command line in image.yaml: it is not told to speak on the serial line.
:
