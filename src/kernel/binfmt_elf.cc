// ELF programs (elf(5), binfmt_elf.c): memory is built aside, laid out as Linux does without
// randomisation, and handed over whole.
#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "kernel/binfmt.h"
#include "kernel/random.h"
#include "kernel/rlimit.h"
#include "kernel/task.h"
#include "kernel/vdso.h"
#include "mm/usercopy.h"
#include "x86/engine.h"

namespace norn {

namespace {

using x86::page_mask;
using x86::page_size;
using x86::user_end;

constexpr uint16_t et_exec = 2, et_dyn = 3, em_x86_64 = 62;
constexpr uint32_t pt_load = 1, pt_interp = 3, pt_gnu_stack = 0x6474e551;
constexpr uint32_t pf_x = 1, pf_w = 2, pf_r = 4;
constexpr uint64_t path_max = 4096;
constexpr uint64_t stack_headroom = 128ull << 10;             ///< mapped below the strings from the start
constexpr uint64_t dyn_base = user_end / 3 * 2 & ~page_mask;  ///< of a PIE that has an interpreter
/// Feature bits of the virtual processor (cpuid leaf 1, edx).
constexpr uint64_t hwcap = 0x078bfbfd;
constexpr uint64_t min_signal_stack = 1040;  ///< frame, FXSAVE image and what aligning takes

enum AuxType : uint64_t {
    AT_NULL_ = 0,
    AT_PHDR_ = 3,
    AT_PHENT_ = 4,
    AT_PHNUM_ = 5,
    AT_PAGESZ_ = 6,
    AT_BASE_ = 7,
    AT_FLAGS_ = 8,
    AT_ENTRY_ = 9,
    AT_UID_ = 11,
    AT_EUID_ = 12,
    AT_GID_ = 13,
    AT_EGID_ = 14,
    AT_PLATFORM_ = 15,
    AT_HWCAP_ = 16,
    AT_CLKTCK_ = 17,
    AT_SECURE_ = 23,
    AT_RANDOM_ = 25,
    AT_HWCAP2_ = 26,
    AT_RSEQ_FEATURE_SIZE_ = 27,
    AT_RSEQ_ALIGN_ = 28,
    AT_EXECFN_ = 31,
    AT_SYSINFO_EHDR_ = 33,
    AT_MINSIGSTKSZ_ = 51,
};

struct ElfHeader {
    std::array<uint8_t, 16> ident{};
    uint16_t type = 0, machine = 0;
    uint32_t version = 0;
    uint64_t entry = 0, phoff = 0, shoff = 0;
    uint32_t flags = 0;
    uint16_t ehsize = 0, phentsize = 0, phnum = 0, shentsize = 0, shnum = 0, shstrndx = 0;
};
static_assert(sizeof(ElfHeader) == 64);

struct ProgramHeader {
    uint32_t type = 0, flags = 0;
    uint64_t offset = 0, vaddr = 0, paddr = 0, filesz = 0, memsz = 0, align = 0;
};
static_assert(sizeof(ProgramHeader) == 56);

/// An ELF file's headers.
struct Elf {
    HeldFile file;
    ElfHeader header;
    std::vector<ProgramHeader> segments;
};

constexpr uint64_t largest_offset = std::numeric_limits<int64_t>::max();  ///< of any file

uint64_t page_down(uint64_t address)
{
    return address & ~page_mask;
}

uint64_t page_up(uint64_t address)
{
    return (address + page_mask) & ~page_mask;
}

Result<> read_exactly(Machine& m, FileId file, uint64_t offset, std::span<uint8_t> to)
{
    if (offset > largest_offset - to.size()) return EINVAL;
    const std::size_t got = TRY(read_inode(m, m[file].inode, offset, to));
    if (got != to.size()) return EIO;
    return {};
}

bool is_elf(const ElfHeader& header)
{
    constexpr std::array<uint8_t, 4> magic = {0x7f, 'E', 'L', 'F'};
    return std::equal(magic.begin(), magic.end(), header.ident.begin()) && header.machine == em_x86_64;
}

bool is_program(const ElfHeader& header)
{
    return header.type == et_exec || header.type == et_dyn;
}

Result<> read_segments(Machine& m, FileId file, const ElfHeader& header, std::vector<ProgramHeader>& segments)
{
    if (header.phentsize != sizeof(ProgramHeader) || header.phnum == 0) return ENOEXEC;
    const std::size_t bytes = header.phnum * sizeof(ProgramHeader);
    if (bytes > 65536) return ENOEXEC;
    segments.resize(header.phnum);
    if (!read_exactly(m, file, header.phoff, {reinterpret_cast<uint8_t*>(segments.data()), bytes}).ok())
        return ENOEXEC;
    return {};
}

/// PT_INTERP's path, if there is one.
Result<std::optional<std::string>> interpreter_path(Machine& m, FileId file, const Elf& elf)
{
    for (const ProgramHeader& segment : elf.segments) {
        if (segment.type != pt_interp) continue;
        if (segment.filesz > path_max || segment.filesz < 2) return ENOEXEC;
        std::string path(segment.filesz, '\0');
        TRY(read_exactly(m, file, segment.offset, {reinterpret_cast<uint8_t*>(path.data()), path.size()}));
        if (path.back() != '\0') return ENOEXEC;
        path.resize(std::strlen(path.c_str()));
        return std::optional(path.empty() ? "." : path);  // nothing at all names where we are, here only
    }
    return std::optional<std::string>();
}

Result<Elf> open_interpreter(Machine& m, TaskId self, const std::string& path)
{
    constexpr int at_fdcwd = -100;
    Elf elf;
    elf.file = HeldFile(m, TRY(open_exec(m, self, at_fdcwd, path, 0)));
    TRY(read_exactly(m, elf.file.get(), 0, {reinterpret_cast<uint8_t*>(&elf.header), sizeof elf.header}));
    if (!is_elf(elf.header)) return ELIBBAD;
    if (!read_segments(m, elf.file.get(), elf.header, elf.segments).ok()) return ELIBBAD;
    return elf;
}

uint32_t vma_flags_of(const ProgramHeader& segment)
{
    uint32_t flags = vma_may_write;
    if (segment.flags & pf_r) flags |= vma_read;
    if (segment.flags & pf_w) flags |= vma_write;
    if (segment.flags & pf_x) flags |= vma_exec;
    return flags;
}

/// Makes one program's memory. Everything here comes after Linux's point of no return.
class Loader {
  public:
    Loader(Machine& m, MmId mm, bool may_map_low) : m_(m), mm_(mm), may_map_low_(may_map_low) {}

    /// Maps all segments; `bias` is added to their addresses. The first takes no other mapping's place.
    Result<> load(FileId file, const Elf& elf, uint64_t bias);
    /// The same at the addresses that the file names, whatever is there.
    Result<> load_over(FileId file, const Elf& elf);
    /// Where the segments of a position-independent file may go, top-down.
    Result<uint64_t> find_room(const Elf& elf) const;
    /// The end of the highest segment.
    [[nodiscard]] uint64_t end() const { return end_; }
    [[nodiscard]] uint64_t start_code() const { return start_code_; }
    [[nodiscard]] uint64_t end_code() const { return end_code_; }
    [[nodiscard]] uint64_t start_data() const { return start_data_; }
    [[nodiscard]] uint64_t end_data() const { return end_data_; }

  private:
    Result<> load_segment(FileId file, const ProgramHeader& segment, uint64_t bias);
    Result<> map_file(FileId file, const ProgramHeader& segment, uint64_t address);
    Result<> map_bss(const ProgramHeader& segment, uint64_t from, uint64_t to);
    Result<> clear_rest_of_page(const ProgramHeader& segment, uint64_t from);
    void note(const ProgramHeader& segment, uint64_t address);

    Machine& m_;
    MmId mm_;
    uint64_t start_code_ = ~0ull, end_code_ = 0, start_data_ = 0, end_data_ = 0, end_ = 0;
    bool may_map_low_;
    bool no_replace_ = true;  ///< of the next segment
};

Result<> Loader::load(FileId file, const Elf& elf, uint64_t bias)
{
    for (const ProgramHeader& segment : elf.segments)
        if (segment.type == pt_load) TRY(load_segment(file, segment, bias));
    return {};
}

Result<> Loader::load_over(FileId file, const Elf& elf)
{
    no_replace_ = false;
    if (!std::any_of(elf.segments.begin(), elf.segments.end(),
                     [](const ProgramHeader& s) { return s.type == pt_load && s.memsz != 0; }))
        return EINVAL;
    return load(file, elf, 0);
}

Result<uint64_t> Loader::find_room(const Elf& elf) const
{
    uint64_t low = ~0ull, high = 0, align = page_size;
    for (const ProgramHeader& segment : elf.segments) {
        if (segment.type != pt_load) continue;
        low = std::min(low, page_down(segment.vaddr));
        high = std::max(high, segment.vaddr + segment.memsz);
        if (std::has_single_bit(segment.align)) align = std::max(align, segment.align);
    }
    if (low >= high || high - low > user_end) return EINVAL;
    MapRequest request;
    const uint64_t length = page_up(high - low);
    const uint64_t room = TRY(unmapped_area(m_, mm_, request, length + align - page_size));
    return ((room + align - 1) & ~(align - 1)) - low;
}

void Loader::note(const ProgramHeader& segment, uint64_t address)
{
    if (segment.flags & pf_x) {
        start_code_ = std::min(start_code_, address);
        end_code_ = std::max(end_code_, address + segment.filesz);
    }
    start_data_ = std::max(start_data_, address);
    end_data_ = std::max(end_data_, address + segment.filesz);
    end_ = std::max(end_, address + segment.memsz);
}

Result<> Loader::load_segment(FileId file, const ProgramHeader& segment, uint64_t bias)
{
    const uint64_t address = segment.vaddr + bias;
    if (address >= user_end || segment.filesz > segment.memsz || segment.memsz > user_end ||
        user_end - segment.memsz < address)
        return EINVAL;
    if (segment.memsz == 0) return {};
    note(segment, address);
    if (segment.filesz == 0) return map_bss(segment, page_down(address), address + segment.memsz);
    TRY(map_file(file, segment, address));
    if (segment.memsz == segment.filesz) return {};
    const uint64_t bss = address + segment.filesz;
    TRY(clear_rest_of_page(segment, bss));
    return map_bss(segment, page_up(bss), address + segment.memsz);
}

Result<> Loader::map_file(FileId file, const ProgramHeader& segment, uint64_t address)
{
    const uint64_t in_page = address & page_mask;
    if ((segment.offset & page_mask) != in_page || segment.offset < in_page) return EINVAL;
    MapRequest request;
    request.address = address - in_page;
    request.length = page_up(segment.filesz + in_page);
    request.flags = vma_flags_of(segment);
    request.fixed = true;
    request.no_replace = std::exchange(no_replace_, false);
    request.may_map_low = may_map_low_;
    request.inode = m_[file].inode;
    request.file = file;
    request.offset = segment.offset - in_page;
    if (request.offset > largest_offset - request.length) return EINVAL;
    TRY(map(m_, mm_, SignalId{}, request));
    return {};
}

Result<> Loader::map_bss(const ProgramHeader& segment, uint64_t from, uint64_t to)
{
    if (page_up(to) <= from) return {};
    MapRequest request;
    request.address = from;
    request.length = page_up(to) - from;
    request.flags = vma_read | vma_write | vma_may_write | (segment.flags & pf_x ? vma_exec : 0u);
    request.fixed = true;
    request.may_map_low = may_map_low_;
    TRY(map(m_, mm_, SignalId{}, request));
    return {};
}

Result<> Loader::clear_rest_of_page(const ProgramHeader& segment, uint64_t from)
{
    const std::vector<uint8_t> zeros(page_up(from) - from, 0);
    const bool cleared = write_user(m_, mm_, from, zeros) == zeros.size();
    if (!cleared && (segment.flags & pf_w)) return EFAULT;
    return {};
}

/// What the auxiliary vector and the registers are told of the loaded files.
struct Loaded {
    uint64_t entry = 0;  ///< where to start: the interpreter's entry, or the program's
    uint64_t program_entry = 0;
    uint64_t phdr = 0, phnum = 0;
    uint64_t base = 0;  ///< of the interpreter
    uint64_t vdso = 0;
};

uint64_t phdr_address(const Elf& elf, uint64_t bias)
{
    for (const ProgramHeader& s : elf.segments)
        if (s.type == pt_load && s.offset <= elf.header.phoff && elf.header.phoff < s.offset + s.filesz)
            return elf.header.phoff - s.offset + s.vaddr + bias;
    return bias;
}

Result<uint64_t> program_bias(const Loader& loader, const Elf& elf, bool has_interpreter)
{
    if (elf.header.type == et_exec) return uint64_t{0};
    if (!has_interpreter) return loader.find_room(elf);
    uint64_t align = page_size, low = ~0ull;
    for (const ProgramHeader& s : elf.segments) {
        if (s.type != pt_load) continue;
        if (std::has_single_bit(s.align)) align = std::max(align, s.align);
        low = std::min(low, page_down(s.vaddr));
    }
    return (dyn_base & ~(align - 1)) - low;
}

void set_brk(Machine& m, MmId mm, const Loader& loader, const Elf& elf, bool has_interpreter)
{
    Mm& record = m.edit(mm);
    record.start_code = loader.start_code();
    record.end_code = loader.end_code();
    record.start_data = loader.start_data();
    record.end_data = loader.end_data();
    // A static PIE lies among the mappings; its heap would soon run into them.
    const bool apart = elf.header.type == et_dyn && !has_interpreter;
    record.start_brk = record.brk = apart ? dyn_base : page_up(loader.end());
}

Result<uint64_t> map_vdso(Machine& m, MmId mm)
{
    MapRequest request;
    request.length = vdso_size;
    request.flags = vma_read | vma_exec | vma_vdso;
    const uint64_t address = TRY(map(m, mm, SignalId{}, request));
    if (force_write_user(m, mm, address, vdso_image()) != vdso_image().size()) return ENOMEM;
    m.edit(mm).vdso = address;
    return address;
}

/// Where the interpreter starts.
Result<uint64_t> load_interpreter(Loader& loader, const Elf& interpreter, uint64_t& base)
{
    if (!is_program(interpreter.header)) return EINVAL;
    base = 0;
    if (interpreter.header.type == et_exec) {
        TRY(loader.load_over(interpreter.file.get(), interpreter));
    } else {
        base = TRY(loader.find_room(interpreter));
        TRY(loader.load(interpreter.file.get(), interpreter, base));
    }
    return interpreter.header.entry + base;
}

Result<Loaded> load_files(Machine& m, MmId mm, FileId file, const ExecCred& cred, const Elf& program,
                          const Elf* interpreter)
{
    Loaded loaded;
    const bool may_map_low = cred.cred.cap_effective >> CAP_SYS_RAWIO_ & 1;
    Loader loader(m, mm, may_map_low);
    const uint64_t bias = TRY(program_bias(loader, program, interpreter != nullptr));
    TRY(loader.load(file, program, bias));
    set_brk(m, mm, loader, program, interpreter != nullptr);
    loaded.program_entry = loaded.entry = program.header.entry + bias;
    loaded.phdr = phdr_address(program, bias);
    loaded.phnum = program.header.phnum;
    if (interpreter) {
        Loader second(m, mm, may_map_low);
        loaded.entry = TRY(load_interpreter(second, *interpreter, loaded.base));
    }
    if (loaded.entry >= user_end) return EINVAL;
    loaded.vdso = TRY(map_vdso(m, mm));
    return loaded;
}

/// Builds the first stack from the top down: strings, then the tables that point at them.
class StackBuilder {
  public:
    StackBuilder(Machine& m, MmId mm) : m_(m), mm_(mm) {}
    Result<> map_stack(const Binprm& program, uint64_t stack_limit, bool executable);
    Result<uint64_t> write_tables(TaskId self, const Binprm& program, const ExecCred& cred,
                                  const Loaded& loaded);

  private:
    Result<> write(uint64_t address, const void* from, std::size_t size);
    std::vector<uint64_t> auxiliary_vector(const ExecCred& cred, const Loaded& loaded, uint64_t random,
                                           uint64_t platform) const;

    Machine& m_;
    MmId mm_;
    uint64_t at_ = user_end - 8;  ///< eight zero bytes stay at the very top
    uint64_t execfn_ = 0, arg_start_ = 0, env_start_ = 0;
};

Result<> StackBuilder::write(uint64_t address, const void* from, std::size_t size)
{
    const std::span<const uint8_t> bytes(static_cast<const uint8_t*>(from), size);
    if (force_write_user(m_, mm_, address, bytes) != size) return EFAULT;
    return {};
}

Result<> StackBuilder::map_stack(const Binprm& program, uint64_t stack_limit, bool executable)
{
    std::string block;
    for (const std::string& text : program.argv) block.append(text).push_back('\0');
    const uint64_t argv_size = block.size();
    for (const std::string& text : program.envp) block.append(text).push_back('\0');
    const uint64_t strings_size = block.size();
    block.append(program.filename).push_back('\0');
    at_ -= block.size();
    arg_start_ = at_;
    env_start_ = arg_start_ + argv_size;
    execfn_ = arg_start_ + strings_size;

    const uint64_t strings = user_end - page_down(at_);
    const uint64_t size = std::min(page_down(stack_limit), strings + stack_headroom);
    if (size < strings) return EFAULT;
    MapRequest request;
    request.address = user_end - size;
    request.length = size;
    request.flags =
        vma_read | vma_write | vma_may_write | vma_growsdown | vma_stack | (executable ? vma_exec : 0u);
    request.fixed = true;
    TRY(map(m_, mm_, SignalId{}, request));
    TRY(write(at_, block.data(), block.size()));
    Mm& record = m_.edit(mm_);
    record.arg_start = arg_start_;
    record.arg_end = record.env_start = env_start_;
    record.env_end = execfn_;
    return {};
}

std::vector<uint64_t> StackBuilder::auxiliary_vector(const ExecCred& cred, const Loaded& loaded,
                                                     uint64_t random, uint64_t platform) const
{
    return {AT_SYSINFO_EHDR_,
            loaded.vdso,
            AT_MINSIGSTKSZ_,
            min_signal_stack,
            AT_HWCAP_,
            hwcap,
            AT_PAGESZ_,
            page_size,
            AT_CLKTCK_,
            100,
            AT_PHDR_,
            loaded.phdr,
            AT_PHENT_,
            sizeof(ProgramHeader),
            AT_PHNUM_,
            loaded.phnum,
            AT_BASE_,
            loaded.base,
            AT_FLAGS_,
            0,
            AT_ENTRY_,
            loaded.program_entry,
            AT_UID_,
            cred.cred.uid,
            AT_EUID_,
            cred.cred.euid,
            AT_GID_,
            cred.cred.gid,
            AT_EGID_,
            cred.cred.egid,
            AT_SECURE_,
            cred.secure ? 1u : 0u,
            AT_RANDOM_,
            random,
            AT_HWCAP2_,
            0,
            AT_EXECFN_,
            execfn_,
            AT_PLATFORM_,
            platform,
            AT_RSEQ_FEATURE_SIZE_,
            28,
            AT_RSEQ_ALIGN_,
            32,
            AT_NULL_,
            0};
}

Result<uint64_t> StackBuilder::write_tables(TaskId self, const Binprm& program, const ExecCred& cred,
                                            const Loaded& loaded)
{
    constexpr char platform_name[] = "x86_64";
    uint64_t at = at_ & ~15ull;
    at -= sizeof platform_name;
    const uint64_t platform = at;
    TRY(write(platform, platform_name, sizeof platform_name));
    std::array<uint8_t, 16> bytes{};
    random_bytes(m_, self, bytes);
    at -= bytes.size();
    const uint64_t random = at;
    TRY(write(random, bytes.data(), bytes.size()));

    const std::vector<uint64_t> auxv = auxiliary_vector(cred, loaded, random, platform);
    std::vector<uint64_t> table = {program.argv.size()};
    uint64_t string = arg_start_;
    for (const auto* list : {&program.argv, &program.envp}) {
        for (const std::string& text : *list) {
            table.push_back(string);
            string += text.size() + 1;
        }
        table.push_back(0);
    }
    table.insert(table.end(), auxv.begin(), auxv.end());
    const uint64_t sp = (at - 8 * table.size()) & ~15ull;
    TRY(write(sp, table.data(), 8 * table.size()));

    Mm& record = m_.edit(mm_);
    std::copy(auxv.begin(), auxv.end(), record.auxv.begin());
    record.auxv_words = static_cast<uint32_t>(auxv.size());
    record.start_stack = sp;
    return sp;
}

bool wants_executable_stack(const Elf& elf)
{
    for (const ProgramHeader& segment : elf.segments)
        if (segment.type == pt_gnu_stack) return segment.flags & pf_x;
    return false;
}

/// Everything past the point of no return.
Result<Image> build(Machine& m, TaskId self, const Binprm& program, const ExecCred& cred, const Elf& elf,
                    const Elf* interpreter)
{
    const uint64_t stack_limit = rlimit(m, self, RLIMIT_STACK).soft;
    Image image;
    image.mm = HeldMm(m, new_mm(m));
    const MmId mm = image.mm.get();
    m.edit(mm).mmap_base = mmap_base_for(stack_limit);
    note_limits(m, mm, m[self].signal);
    StackBuilder stack(m, mm);
    TRY(stack.map_stack(program, stack_limit, wants_executable_stack(elf)));
    const Loaded loaded = TRY(load_files(m, mm, program.file.get(), cred, elf, interpreter));
    image.stack_pointer = TRY(stack.write_tables(self, program, cred, loaded));
    image.entry = loaded.entry;
    hold_file(m, program.file.get());
    m.edit(mm).exe = program.file.get();
    return image;
}

/// What can be refused before the old memory is given up.
Result<Elf> read_program(Machine& m, TaskId self, const Binprm& program, Elf& interpreter)
{
    Elf elf;
    std::memcpy(&elf.header, program.head.data(), sizeof elf.header);
    if (!is_elf(elf.header) || !is_program(elf.header)) return ENOEXEC;
    const FileId file = program.file.get();
    TRY(read_segments(m, file, elf.header, elf.segments));
    const std::optional<std::string> path = TRY(interpreter_path(m, file, elf));
    if (path) interpreter = TRY(open_interpreter(m, self, *path));
    return elf;
}

}  // namespace

Image build_elf(Machine& m, TaskId self, const Binprm& program, const ExecCred& cred, BuildError& error)
{
    Elf interpreter;
    Result<Elf> elf = read_program(m, self, program, interpreter);
    if (!elf.ok()) {
        error = {elf.error(), false};
        return {};
    }
    Result<Image> image =
        build(m, self, program, cred, *elf, interpreter.file.get() ? &interpreter : nullptr);
    if (!image.ok()) {
        error = {image.error(), true};
        return {};
    }
    return std::move(*image);
}

}  // namespace norn
