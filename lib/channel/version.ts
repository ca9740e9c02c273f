/** The version of the library that the handshake compares; a test holds it to package.json. */
export const LIBRARY_VERSION = "0.1.0";
