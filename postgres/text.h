#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plumbline {

// The name as SQL needs it: quoted unless it is a plain lower-case word that is no key word.
std::string quote_identifier(std::string_view name);

// "schema"."name", or the name alone when the schema is empty.
std::string quote_qualified(std::string_view schema, std::string_view name);

// 'text' with quotes doubled; E'' form when it holds a backslash, so it is right whatever
// standard_conforming_strings says.
std::string quote_literal(std::string_view text);
// One word of a shell command: quoted where it has to be, control characters as $'\x0a'.
std::string shell_word(std::string_view text);
// A value in TOML: "text", quotes and control characters escaped.
std::string toml_string(std::string_view text);
// "$$text$$", with a tag where the text needs one.
std::string dollar_quoted(std::string_view text);

std::string join(std::span<const std::string> parts, std::string_view separator);
std::vector<std::string> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);
std::string to_lower(std::string_view text);  // ASCII letters only

// A glob as people write them in a shell: * any run, ? one character, [a-z] a set; the rest means itself.
bool glob_matches(std::string_view pattern, std::string_view text);

bool is_valid_utf8(std::string_view text);
// The byte offset of the n-th character (0-based) of valid UTF-8; the size when there are fewer.
std::size_t utf8_offset(std::string_view text, std::size_t characters);

// Lower-case hexadecimal. SHA-1 and SHA-384 are what other tools' ledgers hold.
std::string sha256_hex(std::string_view bytes);
std::string sha384_hex(std::string_view bytes);
std::string sha1_hex(std::string_view bytes);

}  // namespace plumbline
