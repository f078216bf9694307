/**
 * The configuration file: TOML read into immutable records, or refused with every finding as file, line, cause and hint.
 * Strict: what is not known is an error, because a misspelt key that is silently ignored is a tunnel that is not what its
 * administrator believes. Reads the one file and nothing else; whether the keys and certificates it names are good is for
 * others to say, with the lines kept in the records. No thread of its own, no state. Depends on tomlj, on
 * {@code keymgmt.Prefix} and {@code crypto.Suite}.
 */
@NullMarked
package org.culvert.core.config;

import org.jspecify.annotations.NullMarked;
