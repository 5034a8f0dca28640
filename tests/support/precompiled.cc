// What is precompiled for the tests needs a file to be compiled with.
