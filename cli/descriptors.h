#pragma once

namespace plumbline {

// To be called before anything is opened: a program may be started without stdin, stdout or stderr ("2>&-"),
// and then its next socket would take the number, and a line of the log would go to the server. What is
// missing is opened on /dev/null: stdin is at its end, stderr is lost, and a write to stdout fails.
void open_missing_descriptors();

// False where stdout was closed or is open for reading only: no report can go there.
bool stdout_takes_writes();

}  // namespace plumbline
