//! The builder itself, tried on a shell: what a test relies on must not be believed unseen.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::{Dbcfg, Output, Screen, Step};

/// A shell that runs a script under the builder's conditions.
fn shell(script: &str) -> Dbcfg {
    Dbcfg::program("/bin/sh").args(&["-c", script])
}

/// The message of the panic that must happen.
#[track_caller]
fn failure(of: impl FnOnce() -> Output) -> String {
    let panic = catch_unwind(AssertUnwindSafe(of)).expect_err("this must fail");
    *panic.downcast::<String>().expect("the message is text")
}

#[test]
fn streams_status_and_files_are_kept_apart() {
    let output = shell("echo out; echo talk >&2; echo more >>given; exit 3").file("given", "text\n").run();
    let output = output.expect_status(3).expect_stdout("out\n").expect_stderr("talk\n");
    output.expect_file("given", "text\nmore\n").expect_stdout_contains("ou").expect_stderr_contains("al");
}

#[test]
fn the_environment_holds_nothing_of_the_machine() {
    let output = shell("env | sed 's/=.*//' | grep -v -e '^_$' -e LLVM_PROFILE_FILE | sort | tr '\\n' ' '");
    output.env("GIVEN", "1").run().expect_stdout("GIVEN HOME LANG PATH PWD ");
}

#[test]
fn the_program_runs_below_and_home_is_the_tests_directory() {
    let run = shell("cat ../here; test \"$(cd .. && pwd -P)\" = \"$HOME\"").file("here", "yes").current_dir("below");
    run.run().expect_status(0).expect_stdout("yes");
    assert!(run.path("below").is_dir());
}

#[test]
fn standard_input_is_empty_or_what_was_given() {
    shell("cat").run().expect_stdout("");
    shell("cat").stdin("given").run().expect_stdout("given");
}

#[test]
fn big_input_and_output_block_nobody() {
    let input = "0123456789abcde\n".repeat(200_000);
    let output = shell("tee /dev/stderr").stdin(input.clone()).run().expect_status(0);
    assert_eq!((output.stdout.len(), output.stderr.len()), (input.len(), input.len()));
}

#[test]
fn input_that_nobody_reads_does_no_harm() {
    shell("exit 4").stdin("x".repeat(1_000_000)).run().expect_status(4);
}

#[test]
fn a_hanging_program_is_ended_with_its_children() {
    let started = Instant::now();
    let message = failure(|| shell("echo begun; sleep 60 & sleep 60").patience(Duration::from_millis(200)).run());
    assert!(message.contains("did not end within") && message.contains("begun"), "{message}");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_child_that_is_left_behind_counts_as_a_hang() {
    let message = failure(|| shell("sleep 60 &").run());
    assert!(message.contains("did not end within"), "{message}");
}

#[test]
fn a_signal_is_told_as_a_shell_tells_it() {
    shell("kill -TERM $$").run().expect_status(128 + 15);
}

#[test]
fn a_reader_that_leaves_closes_the_pipe() {
    let output = shell("trap '' PIPE; yes | cat; exit 5").stop_reading_after(4).run();
    output.expect_status(5).expect_stdout("y\ny\n");
}

#[test]
fn wrong_expectations_fail_and_say_what_was_found() {
    let run = || shell("echo found; echo talk >&2; touch new").run();
    let fails = [
        (failure(|| run().expect_status(1)), "the status is 0, not 1"),
        (failure(|| run().expect_stdout("expected\n")), "- expected\n+ found\n"),
        (failure(|| run().expect_stderr("")), "+ talk\n"),
        (failure(|| run().expect_stdout_contains("absent")), "does not hold \"absent\""),
        (failure(|| run().expect_stderr_contains("absent")), "does not hold \"absent\""),
        (failure(|| run().expect_nowhere("alk")), "\"alk\" was printed"),
        (failure(|| run().expect_file("absent", "")), "there is no file absent"),
        (failure(|| run().expect_file("new", "full\n")), "- full\n"),
        (failure(|| run().expect_files_unchanged()), "the run touched new"),
        (failure(|| shell("printf '\\377'").run()), "is not UTF-8"),
    ];
    for (message, part) in fails {
        assert!(message.contains(part), "{part:?} is missing in: {message}");
    }
    shell("cat given").file("given", "").run().expect_files_unchanged().expect_nowhere("secret");
}

#[test]
fn a_terminal_is_one_and_has_its_width() {
    let script = "test -t 0 && test -t 1 && test -t 2 && stty size; echo talk >&2; echo \"$TERM\"; exit 6";
    let output = shell(script).terminal(101).expect_status(6);
    output.expect_stdout("24 101\ntalk\nxterm-256color\n").expect_stderr("");
    shell("test -t 0 || test -t 1 || test -t 2").run().expect_status(1);
}

#[test]
fn a_program_that_waits_for_a_person_is_ended() {
    let message = failure(|| shell("read answer").patience(Duration::from_millis(200)).terminal(80));
    assert!(message.contains("did not end within"), "{message}");
}

#[cfg(target_os = "linux")]
#[test]
fn memory_is_measured_and_limited() {
    // The shell holds the text in a variable, and so in its memory; the pause is longer than the time between looks.
    let script = "text=$(head -c 30000000 /dev/zero | tr '\\0' x); sleep 0.05; echo \"${#text}\"";
    let output = shell(script).run().expect_status(0).expect_stdout("30000000\n");
    assert!(output.peak_memory_kib > 28_000, "{} KiB", output.peak_memory_kib);
    let output = shell(script).memory_limit_kib(20_000).run();
    assert_ne!((output.status, output.stdout.as_str()), (0, "30000000\n"));
    shell("echo \"$1\"").args(&["sh", "a b"]).memory_limit_kib(20_000).run().expect_stdout("a b\n");
}

#[test]
fn the_built_program_can_be_run() {
    let output = Dbcfg::new().args(&["--help"]).run().expect_status(0).expect_files_unchanged();
    assert!(output.files.is_empty());
}

#[test]
fn a_person_sees_and_types() {
    let script = "echo name?; stty -icanon; read -r name; stty icanon; echo \"hello $name\"; exit 7";
    let steps = [Step::See("name?"), Step::Press("ada\n")];
    let output = shell(script).dialogue(40, &steps).expect_status(7);
    assert_eq!(Screen::of(output.stdout.as_bytes(), 40).lines(), ["name?", "hello ada"]);
    let message = failure(|| shell("echo other").patience(Duration::from_millis(300)).dialogue(40, &steps));
    assert!(message.contains("\"name?\" is not to be seen") && message.contains("other"), "{message}");
    let message = failure(|| shell("stty -icanon; printf '\\033[?25l'").dialogue(40, &[]));
    assert!(message.contains("cursor is hidden") && message.contains("modes"), "{message}");
}
