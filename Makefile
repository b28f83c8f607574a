# Askance: build, test, install. `make help` lists the verbs.
#
# Everything is made under build/; CONFIG=asan and CONFIG=fuzz are made in build-asan/ and
# build-fuzz/. CC, CFLAGS, LDFLAGS, DESTDIR, prefix, bindir, libdir, includedir, datadir,
# mandir are the reader's; CFLAGS and LDFLAGS are added after what the build needs. V=1 shows
# commands.

VERSION := $(shell sed -n 's/^\#define ASK_VERSION "\([^"]*\)".*/\1/p' src/base/version.h)
SOVERSION := $(word 1,$(subst ., ,$(VERSION)))

CONFIG ?=
BUILD := build$(if $(CONFIG),-$(CONFIG))
Q := $(if $(V),,@)
comma := ,

prefix ?= /usr/local
bindir ?= $(prefix)/bin
libdir ?= $(prefix)/lib
includedir ?= $(prefix)/include
# The command looks for the default model in ../share beside the folder that it is in.
datadir ?= $(patsubst %/,%,$(dir $(bindir)))/share
mandir ?= $(prefix)/share/man

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all demo test check lint layers headers format format-check fuzz bench install \
        uninstall clean help FORCE

# --- Compiler and flags ----------------------------------------------------------------

ifeq ($(origin CC),default)
CC := $(if $(filter fuzz,$(CONFIG)),clang,gcc)
endif

# OpenMP is what oneDNN computes with; without it (Debian's clang) that has one thread.
OPENMP := $(or $(shell echo 'int main(void) { return 0; }' | \
            $(CC) -fopenmp -x c - -o /dev/null 2>/dev/null && echo -fopenmp),-Wno-unknown-pragmas)

ifeq ($(CONFIG),asan)
CONFIG_FLAGS := -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined \
                -fno-sanitize-recover=all
else ifeq ($(CONFIG),fuzz)
CONFIG_FLAGS := -O1 -g1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
                -fno-sanitize-recover=all
else ifneq ($(CONFIG),)
$(error CONFIG=$(CONFIG) is unknown; it may be empty, asan or fuzz)
endif

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
REQUIRED := -std=c17 -D_GNU_SOURCE -Isrc -O2 -g $(OPENMP) -fPIC -fvisibility=hidden \
            -ffp-contract=off $(WARNINGS) $(CONFIG_FLAGS)

# $(call compile,FLAGS) makes the object of a rule, $(call link,LIBRARIES) its program.
define compile
@mkdir -p $(@D)
@echo "  CC   $@"
$(Q)$(CC) $(REQUIRED) $(DEPS_CFLAGS) $(1) $(CFLAGS) -MMD -MP -c $< -o $@
endef

define link
@mkdir -p $(@D)
@echo "  LINK $@"
$(Q)$(CC) $(OPENMP) $(CONFIG_FLAGS) $(CFLAGS) -Wl,--as-needed $(LDFLAGS) -o $@ \
    -Wl,--start-group $(filter %.o %.a,$^) -Wl,--end-group $(1) $(DEPS_LIBS)
endef

# A file of tensor/cpu/fast/ is compiled once for each instruction set of the processor
# family; the one to run is chosen at run time, so a binary works on every machine of it.
MACHINE := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine 2>/dev/null)))
ISAS_x86_64 := avx2 avx512
ISAS_aarch64 := neon
ISAS := $(ISAS_$(MACHINE))
# Square roots and clamps vectorise only where nobody looks at errno or at traps. Where the
# inner loop of the matrix product happens to begin is worth a tenth of its speed.
FAST := -O3 -ffp-contract=fast -fno-math-errno -fno-trapping-math -falign-functions=64 \
        -falign-loops=64
FAST_avx2 := $(FAST) -DASK_ISA=avx2 -mavx2 -mfma -mf16c
FAST_avx512 := $(FAST) -DASK_ISA=avx512 -mavx2 -mfma -mf16c -mavx512f -mavx512bw \
               -mavx512vl -mavx512dq -mprefer-vector-width=512
$(BUILD)/obj/tensor/cpu/fast/quant.avx512.o \
$(BUILD)/obj/tensor/cpu/fast/block_sums.avx512.o: FAST_avx512 += -mavx512vnni
FAST_neon := $(FAST) -DASK_ISA=neon

# --- Packages --------------------------------------------------------------------------
# The list of packages is in tools/packages.sh. It runs before anything is compiled and
# leaves the libraries' flags in a makefile of its own: DEPS_CFLAGS and DEPS_LIBS.

GOALS := $(or $(MAKECMDGOALS),all)
ifneq ($(filter-out clean help format uninstall layers,$(GOALS)),)
NEEDS := $(if $(filter check lint format-check fuzz,$(GOALS)),check,$\
           $(if $(filter test,$(GOALS)),test,build))
include $(BUILD)/packages-$(NEEDS).mk
endif

$(BUILD)/packages-%.mk: tools/packages.sh
	@mkdir -p $(@D)
	@tools/packages.sh $* $@

# What is optional is looked for at every run, so that what is installed later is found;
# HDF5= and CURL= leave it out.
HDF5 := $(shell pkg-config --exists hdf5 2>/dev/null && echo hdf5)
ifneq ($(HDF5),)
DEPS_CFLAGS += -DASK_HAVE_HDF5 $(shell pkg-config --cflags $(HDF5))
DEPS_LIBS += $(shell pkg-config --libs $(HDF5))
endif
CURL := $(shell pkg-config --atleast-version=7.85 libcurl 2>/dev/null && echo libcurl)
ifneq ($(CURL),)
DEPS_CFLAGS += -DASK_HAVE_CURL $(shell pkg-config --cflags $(CURL))
DEPS_LIBS += $(shell pkg-config --libs $(CURL))
endif

# --- Sources ---------------------------------------------------------------------------

rwildcard = $(sort $(wildcard $(1)/*.c $(1)/*/*.c $(1)/*/*/*.c))
SOURCES := $(foreach dir,$(filter-out src/cli/,$(wildcard src/*/)),$(call rwildcard,$(dir:/=)))
FAST_SOURCES := $(filter src/tensor/cpu/fast/%,$(SOURCES))
CLI_SOURCES := $(call rwildcard,src/cli)
DOUBLE_SOURCES := $(filter-out src/tensor/cpu/fast/% src/tensor/cpu/onednn%, \
                  $(filter src/base/% src/tensor/%,$(SOURCES)))
# What is installed.
HEADERS := $(filter-out %_priv.h src/cli/%,$(sort $(wildcard src/*/*.h src/*/*/*.h)))

PLAIN_OBJECTS := $(patsubst src/%.c,$(BUILD)/obj/%.o,$(filter-out $(FAST_SOURCES),$(SOURCES)))
FAST_OBJECTS := $(foreach isa,$(ISAS),$(FAST_SOURCES:src/%.c=$(BUILD)/obj/%.$(isa).o))
OBJECTS := $(PLAIN_OBJECTS) $(FAST_OBJECTS)
CLI_OBJECTS := $(CLI_SOURCES:src/%.c=$(BUILD)/obj/%.o)
DOUBLE_OBJECTS := $(DOUBLE_SOURCES:src/%.c=$(BUILD)/double/obj/%.o)

# --- Products --------------------------------------------------------------------------

SHARED := $(BUILD)/libaskance.so
STATIC := $(BUILD)/libaskance.a
COMMAND := $(BUILD)/askance

all: $(COMMAND) $(STATIC) $(SHARED) $(BUILD)/askance.pc $(BUILD)/askance.h $(BUILD)/askance.1 \
     $(BUILD)/models

# Beside the command, where it looks for the default model before it is installed.
$(BUILD)/models: FORCE
	$(Q)ln -sfnr models $@

SHARED_FLAGS := -shared -Wl,-soname,libaskance.so.$(SOVERSION) \
                -Wl,--version-script=src/libaskance.map
# A shared library leaves the functions of the sanitizers to the program.
SHARED_FLAGS += $(if $(CONFIG),,-Wl$(comma)-z$(comma)defs)

$(SHARED).$(VERSION): $(OBJECTS) src/libaskance.map $(BUILD)/sources
	$(call link,$(SHARED_FLAGS))

$(SHARED): $(SHARED).$(VERSION)
	$(Q)ln -sf $(<F) $@.$(SOVERSION) && ln -sf $(@F).$(SOVERSION) $@

$(STATIC): $(OBJECTS) $(BUILD)/sources
$(BUILD)/libaskance-cli.a: $(filter-out %/main.o,$(CLI_OBJECTS))
$(BUILD)/double/libaskance-double.a: $(DOUBLE_OBJECTS) $(BUILD)/sources

%.a:
	@echo "  AR   $@"
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(COMMAND): $(BUILD)/obj/cli/main.o $(BUILD)/libaskance-cli.a $(STATIC)
	$(call link)

$(BUILD)/obj/%.o: src/%.c $(BUILD)/flags
	$(call compile)

define compile_for_isa
$(BUILD)/obj/%.$(1).o: src/%.c $(BUILD)/flags
	$$(call compile,$$(FAST_$(1)))
endef
$(foreach isa,$(ISAS),$(eval $(call compile_for_isa,$(isa))))

$(BUILD)/double/obj/%.o: src/%.c $(BUILD)/flags
	$(call compile,-DASK_REAL_DOUBLE)

# What the objects are made with, and of: rewritten only when it changes, so that other flags
# compile everything again and a removed source leaves the libraries.
$(BUILD)/flags: CONTENT = $(CC) $(REQUIRED) $(DEPS_CFLAGS) $(CFLAGS) $(LDFLAGS) \
                          $(foreach isa,$(ISAS),$(FAST_$(isa)))
$(BUILD)/sources: CONTENT = $(SOURCES) $(CLI_SOURCES)
$(BUILD)/flags $(BUILD)/sources: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(CONTENT)' | cmp -s - $@ || printf '%s\n' '$(CONTENT)' >$@

# --- Examples --------------------------------------------------------------------------
# Programs as a user of the library would write them; they see only what is installed.

EXAMPLES := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard examples/*.c)))

$(BUILD)/examples/%.o: examples/%.c $(BUILD)/flags $(BUILD)/askance.h
	$(call compile,-I$(BUILD))

$(BUILD)/examples/%: $(BUILD)/examples/%.o $(STATIC)
	$(call link)

demo: all
	@ASKANCE=$(COMMAND) examples/demo.sh $(BUILD)/demo

# --- Tests, fuzzing, benchmarks --------------------------------------------------------

TEST_SOURCES := $(filter-out test/support/%,$(sort $(wildcard test/*/*.c)))
SUPPORT_SOURCES := $(sort $(wildcard test/support/*.c))
TESTS := $(TEST_SOURCES:%.c=$(BUILD)/%)
TEST_SCRIPTS := $(filter-out test/support/%,$(sort $(wildcard test/*.sh test/*/*.sh)))
# test/support/alloc.c makes the n-th allocation of a program fail.
WRAP := $(if $(wildcard test/support/alloc.c),\
          $(foreach f,malloc calloc realloc posix_memalign,-Wl$(comma)--wrap=$(f)))

# T=word runs only the tests whose path contains the word.
ALL_TESTS := $(TESTS) $(TEST_SCRIPTS)
has_word = $(findstring $(T),$(1:$(BUILD)/%=%))
SELECTED := $(if $(T),$(foreach t,$(ALL_TESTS),$(if $(call has_word,$(t)),$(t))),$(ALL_TESTS))

test: all $(EXAMPLES) $(filter $(TESTS),$(SELECTED))
	@BUILD=$(BUILD) CONFIG=$(CONFIG) CC="$(CC)" tools/run-tests.sh $(SELECTED)

$(BUILD)/test/libsupport.a: $(SUPPORT_SOURCES:%.c=$(BUILD)/%.o)
$(BUILD)/double/test/libsupport.a: $(SUPPORT_SOURCES:%.c=$(BUILD)/double/%.o)

$(BUILD)/test/double/%: $(BUILD)/double/test/double/%.o $(BUILD)/double/test/libsupport.a \
                        $(BUILD)/double/libaskance-double.a
	$(call link,$(WRAP) -lcmocka)

$(BUILD)/test/%: $(BUILD)/test/%.o $(BUILD)/test/libsupport.a $(BUILD)/libaskance-cli.a \
                 $(STATIC)
	$(call link,$(WRAP) -lcmocka)

$(BUILD)/test/%.o: test/%.c $(BUILD)/flags
	$(call compile,-Itest)

$(BUILD)/double/test/%.o: test/%.c $(BUILD)/flags
	$(call compile,-Itest -DASK_REAL_DOUBLE)

# Each target runs FUZZ_SECONDS over its seeds; what it finds stays in build-fuzz/.
FUZZ_SECONDS ?= 10
FUZZ_TARGETS := $(patsubst %.c,build-fuzz/%,$(sort $(wildcard fuzz/*.c)))

fuzz:
	$(Q)$(MAKE) --no-print-directory CONFIG=fuzz build-fuzz/libaskance.a $(FUZZ_TARGETS)
	$(Q)tools/run-fuzz.sh $(FUZZ_SECONDS) $(FUZZ_TARGETS)

# The fuzzer's runtime declares the function that a target defines.
$(BUILD)/fuzz/%.o: fuzz/%.c $(BUILD)/flags
	$(call compile,-Wno-missing-prototypes)

$(BUILD)/fuzz/%: $(BUILD)/fuzz/%.o $(STATIC)
	$(call link,-fsanitize=fuzzer)

# ROWS=name runs only bench/name.
BENCHES := $(patsubst %.c,$(BUILD)/%,$(wildcard bench/*.c)) $(wildcard bench/*.sh)
ROWS_BENCHES := $(if $(ROWS),$(filter %/$(ROWS) %/$(ROWS).sh,$(BENCHES)),$(sort $(BENCHES)))
BENCH_SUPPORT := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard bench/support/*.c)))

bench: all $(ROWS_BENCHES)
	@$(if $(ROWS_BENCHES),,echo "there is no bench/$(ROWS)"; exit 2)
	@export BUILD=$(BUILD); $(ROWS_BENCHES:%=% &&) true

$(BUILD)/bench/%.o: bench/%.c $(BUILD)/flags
	$(call compile,-Ibench)

$(BUILD)/bench/%: $(BUILD)/bench/%.o $(BENCH_SUPPORT) $(STATIC)
	$(call link)

# --- Checks ----------------------------------------------------------------------------

check:
	$(Q)$(MAKE) --no-print-directory test
	$(Q)$(MAKE) --no-print-directory test CONFIG=asan
	$(Q)$(MAKE) --no-print-directory lint fuzz

lint: layers headers format-check

layers:
	$(Q)tools/check-layers.sh

headers:
	$(Q)CC="$(CC)" CFLAGS="$(OPENMP) $(DEPS_CFLAGS)" FAST_CFLAGS="$(FAST_$(firstword $(ISAS)))" \
	    tools/check-headers.sh

FORMATTED = $(shell find $(wildcard src test fuzz bench examples) -name '*.[ch]')
format:
	$(Q)clang-format -i $(FORMATTED)

format-check:
	$(Q)clang-format --dry-run --Werror $(FORMATTED)

# --- Installing ------------------------------------------------------------------------

$(BUILD)/askance.pc: src/askance.pc.in FORCE
	$(Q)sed -e 's|@prefix@|$(prefix)|' -e 's|@libdir@|$(libdir)|' \
	    -e 's|@includedir@|$(includedir)|' -e 's|@version@|$(VERSION)|' \
	    -e 's|@libs@|$(filter -fopenmp,$(OPENMP)) $(DEPS_LIBS)|' $< >$@

# The umbrella: every installed header.
$(BUILD)/askance.h: $(HEADERS) Makefile
	$(Q){ echo '/* askance.h - the whole library. */'; \
	      echo '#ifndef ASKANCE_H'; echo '#define ASKANCE_H'; echo; \
	      for h in $(HEADERS:src/%=%); do echo "#include \"$$h\""; done; \
	      echo; echo '#endif'; } >$@

# The manual page, from the table that makes --help.
$(BUILD)/askance.1: $(COMMAND)
	$(Q)$(COMMAND) help --man >$@

# The default model is installed whole. Before its weights are there, its absence is told.
MINI := models/mini
MINI_FILES := config.json preprocessor_config.json model.safetensors answers.json denials.json \
              calibration.json tokenizer.json vocab.json merges.txt tokenizer_config.json

install: all
	install -d $(DESTDIR)$(bindir) $(DESTDIR)$(libdir)/pkgconfig
	install -D -m 644 $(BUILD)/askance.1 $(DESTDIR)$(mandir)/man1/askance.1
	install -m 755 $(COMMAND) $(DESTDIR)$(bindir)/askance
	install -m 644 $(STATIC) $(SHARED).$(VERSION) $(DESTDIR)$(libdir)
	cp -P $(SHARED) $(SHARED).$(SOVERSION) $(DESTDIR)$(libdir)
	install -m 644 $(BUILD)/askance.pc $(DESTDIR)$(libdir)/pkgconfig
	for h in $(HEADERS:src/%=%); do \
	    install -D -m 644 src/$$h $(DESTDIR)$(includedir)/askance/$$h || exit; done
	install -m 644 $(BUILD)/askance.h $(DESTDIR)$(includedir)/askance
ifneq ($(wildcard $(MINI)/model.safetensors),)
	install -d $(DESTDIR)$(datadir)/askance/models/mini
	install -m 644 $(MINI_FILES:%=$(MINI)/%) $(DESTDIR)$(datadir)/askance/models/mini
else
	@echo "$(MINI) has no weights: askance is installed without a default model"
endif

uninstall:
	rm -f $(DESTDIR)$(bindir)/askance $(DESTDIR)$(libdir)/pkgconfig/askance.pc
	rm -f $(DESTDIR)$(mandir)/man1/askance.1
	rm -f $(DESTDIR)$(libdir)/libaskance.a $(DESTDIR)$(libdir)/libaskance.so*
	rm -rf $(DESTDIR)$(includedir)/askance $(DESTDIR)$(datadir)/askance

clean:
	rm -rf build build-asan build-fuzz demo.html

help:
	@echo "make              build the library and the command into build/"
	@echo "make demo         build, and answer a question about a video (demo.html)"
	@echo "make test         build and run the tests (T=word: those whose path has the word)"
	@echo "make check        tests, the same under sanitizers, layers, headers, format, fuzzing"
	@echo "make bench        measure (ROWS=name: one table)"
	@echo "make format       format the sources"
	@echo "make install      into DESTDIR, prefix ($(prefix)); make uninstall removes it"
	@echo "make clean        remove everything that was built"

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
