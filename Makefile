# One entry for laptop and CI. Every target installs what it needs (as root) or says what to type.
MAKEFLAGS += --no-print-directory
JOBS ?= $(shell nproc)
LAUNCHER := $(shell command -v ccache >/dev/null 2>&1 && echo -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
.PHONY: build run test bench asan clang same fuzz-engine fuzz-syscall format tidy install clean

build: ; @scripts/packages build
	@cmake --preset release $(LAUNCHER) >/dev/null
	@ninja -C build/release -j $(JOBS) norn_cli
	@echo "built: build/release/norn"

# The tour of real programs; `make run ARGS="bash -c 'ls | wc -l'"` runs those instead.
run: build
ifdef ARGS
	@build/release/norn run -- $(ARGS)
else
	@scripts/tour build/release/norn
endif

test: ; @scripts/packages test
	@cmake --preset debug $(LAUNCHER) >/dev/null
	@ninja -C build/debug -j $(JOBS)
	@tests/tidy/tidy .
	@ctest --test-dir build/debug -j $(JOBS) --output-on-failure --no-tests=error

bench: ; @scripts/packages bench
	@cmake --preset release $(LAUNCHER) -DNORN_BENCH=ON >/dev/null
	@ninja -C build/release -j $(JOBS) norn_cli bench_driver
	@bench/run build/release

asan: ; @scripts/packages test
	@cmake --preset asan $(LAUNCHER) >/dev/null
	@ninja -C build/asan -j $(JOBS)
	@ASAN_OPTIONS=handle_segv=0:handle_abort=0 ctest --test-dir build/asan -j $(JOBS) --output-on-failure --no-tests=error

clang: ; @scripts/packages lint
	@cmake --preset clang $(LAUNCHER) >/dev/null
	@ninja -C build/clang -j $(JOBS)

# The same runs give the same hashes in debug and in release builds.
same: build ; @scripts/packages test
	@cmake --preset debug $(LAUNCHER) >/dev/null
	@ninja -C build/debug -j $(JOBS) norn_cli
	@tests/same_hash build/debug/norn build/release/norn

fuzz-engine: ; @scripts/packages test
	@cmake --preset release $(LAUNCHER) >/dev/null
	@ninja -C build/release -j $(JOBS) fuzz_engine
	@build/release/fuzz/fuzz_engine --cases 1000000

# Thousands of processes that make random system calls, under the build with audits.
fuzz-syscall: ; @scripts/packages test
	@cmake --preset debug $(LAUNCHER) >/dev/null
	@ninja -C build/debug -j $(JOBS) norn_cli fuzz_syscalls
	@fuzz/syscall/run build/debug/norn build/debug/fuzz/fuzz_syscalls 1 200 50

format: ; @scripts/packages lint
	@git ls-files '*.cc' '*.h' | xargs clang-format -i

# clang-tidy reads clang's commands, and no header that is compiled ahead: the command's want nlohmann's first all the
# same, before norn/errno.h takes the C library's macros away.
tidy: ; @scripts/packages lint
	@cmake --preset clang -B build/tidy -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
	@git ls-files 'src/*.cc' | xargs clang-format --dry-run -Werror
	@git ls-files 'src/cli/*.cc' | xargs -P $(JOBS) -n 1 clang-tidy --quiet -p build/tidy --extra-arg=-includenlohmann/json.hpp
	@git ls-files 'src/*.cc' | grep -v ^src/cli/ | xargs -P $(JOBS) -n 4 clang-tidy --quiet -p build/tidy

install: build
	@cmake --install build/release

clean: ; @rm -rf build
