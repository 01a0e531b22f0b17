// Each rule of the verifier is proved by a unit that breaks it.
#include "x86/verify.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "x86/context.h"
#include "x86/emit.h"

namespace norn::x86 {
namespace {

constexpr int32_t read_tag = offsetof(Context, read) + offsetof(TlbTable, tag);
constexpr int32_t read_addend = offsetof(Context, read) + offsetof(TlbTable, addend);
constexpr int32_t write_tag = offsetof(Context, write) + offsetof(TlbTable, tag);
constexpr int32_t write_addend = offsetof(Context, write) + offsetof(TlbTable, addend);
constexpr int32_t jump_tag = offsetof(Context, jump_tag), jump_host = offsetof(Context, jump_host);
constexpr uint32_t first_site = 10, end_site = 20;

/// A single unit: the charge, what a test puts there, and the way out.
class Unit {
  public:
    Unit() : bytes_(4096), emitter_(bytes_.data() + leave_bytes, 0)
    {
        emitter_.lea(host_budget, {host_budget, -1, 0, -64, false});
    }

    Emitter& emit() { return emitter_; }
    void put(std::initializer_list<int> bytes)
    {
        for (const int byte : bytes) emitter_.byte(static_cast<uint8_t>(byte));
    }
    void exit(uint32_t site = first_site)
    {
        emitter_.mov_imm32(host_t0, site);
        emitter_.jmp_to(bytes_.data());
    }
    /// Short form: [rbx, rbx + size) into r15, as an addend.
    void check(int32_t tag, int32_t addend, int32_t size, bool jump_on_miss = true)
    {
        emitter_.shrx32(host_t1, rbx, host_budget);
        emitter_.load(host_t0, Emitter::table(tag, host_t1));
        emitter_.lea(host_t0, {rbx, host_t0, 0, size - 1, false});
        emitter_.shrx(host_t0, host_t0, host_budget);
        if (jump_on_miss) {
            emitter_.jrcxz(10);
            exit();
        }
        emitter_.load(host_t1, Emitter::table(addend, host_t1));
    }
    static constexpr uint32_t window = 3;
    static int32_t window_slot(size_t member)
    {
        return static_cast<int32_t>(offsetof(Context, windows) + window * sizeof(Window) + member);
    }
    /// The window shows [rbx, rbx + size); the addend goes into r15.
    void check_window(uint32_t size, bool write, bool jump_on_miss = true)
    {
        windows = {{window, size, write}};
        emitter_.load_slot(host_t0, window_slot(offsetof(Window, tag)));
        emitter_.lea(host_t0, {host_t0, rbx, 1, 0, false});
        emitter_.shrx(host_t0, host_t0, host_budget);
        if (jump_on_miss) {
            emitter_.jrcxz(10);
            exit();
        }
        emitter_.load_slot(host_t1, window_slot(offsetof(Window, addend)));
    }
    static HostMem operand(int32_t disp = 0) { return {rbx, host_t1, 0, disp, false}; }

    std::string verdict()
    {
        BlockView view;
        view.guest_rip = 0x1000;
        view.instructions = 1;
        view.host = bytes_.data() + leave_bytes;
        view.host_size = static_cast<uint32_t>(emitter_.here() - view.host);
        view.constants_offset = constants_ == 0 ? view.host_size : constants_;
        view.leave = bytes_.data();
        view.resumes = resumes;
        view.windows = windows;
        view.links = links;
        view.first_site = first_site;
        view.end_site = end_site;
        view.bounced = bounced;
        return Verifier().check(view);
    }
    [[nodiscard]] const uint8_t* leave() const { return bytes_.data(); }
    void constants_here() { constants_ = offset(); }
    [[nodiscard]] uint32_t offset() const
    {
        return static_cast<uint32_t>(emitter_.here() - bytes_.data()) - leave_bytes;
    }

    std::vector<uint32_t> resumes;
    std::vector<WindowView> windows;
    std::vector<uint32_t> links;
    bool bounced = false;

  private:
    static constexpr uint32_t leave_bytes = 16;
    std::vector<uint8_t> bytes_;
    Emitter emitter_;
    uint32_t constants_ = 0;
};

#define EXPECT_RULE(unit, rule) EXPECT_NE((unit).verdict().find(rule), std::string::npos) << (unit).verdict()

/// A unit that has found its fixed window open, and has where it begins in r15.
void open_fixed(Unit& unit, bool write, bool jump_on_miss = true)
{
    unit.windows = {{Unit::window, 4096, write, true}};
    unit.emit().load_slot(host_t0, Unit::window_slot(offsetof(Window, tag)));
    if (jump_on_miss) {
        unit.emit().jrcxz(10);
        unit.exit();
    }
    unit.emit().load_slot(host_t1, Unit::window_slot(offsetof(Window, addend)));
}

TEST(Verify, AcceptsAccessesThroughAnOpenFixedWindow)
{
    Unit unit;
    open_fixed(unit, true);
    unit.emit().load(rax, {host_t1, -1, 0, 4088, false});
    unit.emit().store({host_t1, -1, 0, 0, false}, rax);
    unit.exit();
    EXPECT_EQ(unit.verdict(), "");
}

TEST(Verify, RefusesWhatAFixedWindowDoesNotShow)
{
    Unit beyond, before, shut, read_only, elsewhere;
    for (Unit* unit : {&beyond, &before, &elsewhere}) open_fixed(*unit, true);
    open_fixed(shut, true, false);
    open_fixed(read_only, false);
    beyond.emit().load(rax, {host_t1, -1, 0, 4089, false});
    before.emit().load(rax, {host_t1, -1, 0, -1, false});
    shut.emit().load(rax, {host_t1, -1, 0, 0, false});
    read_only.emit().store({host_t1, -1, 0, 0, false}, rax);
    elsewhere.emit().load(rax, {host_t1, rbx, 0, 0, false});
    EXPECT_RULE(beyond, "check does not vouch for");
    EXPECT_RULE(before, "check does not vouch for");
    EXPECT_RULE(shut, "check does not vouch for");
    EXPECT_RULE(read_only, "a store through a window for loads");
    EXPECT_NE(elsewhere.verdict(), "");
}

int32_t kept(int number)
{
    return static_cast<int32_t>(offsetof(Context, held) + static_cast<size_t>(number) * 8);
}

TEST(Verify, AcceptsAnAddendThatIsKept)
{
    Unit unit;
    unit.check(read_tag, read_addend, 16);
    unit.emit().store_slot(kept(2), host_t1);
    unit.emit().mov_imm(host_t1, 5);
    unit.emit().load_slot(host_t1, kept(2));
    unit.emit().load(rax, Unit::operand(8));
    unit.exit();
    EXPECT_EQ(unit.verdict(), "");
}

TEST(Verify, RefusesAKeptAddendForMoreThanWasCompared)
{
    Unit unit;
    unit.check(read_tag, read_addend, 8);
    unit.emit().store_slot(kept(2), host_t1);
    unit.emit().load_slot(host_t1, kept(2));
    unit.emit().load(rax, Unit::operand(8));
    unit.exit();
    EXPECT_RULE(unit, "not compared for its full size");
}

TEST(Verify, RefusesAnAddendThatAnotherUnitHasKept)
{
    Unit unit;
    unit.check(read_tag, read_addend, 8);
    unit.emit().store_slot(kept(2), host_t1);
    unit.emit().load_slot(host_t1, kept(3));
    unit.emit().load(rax, Unit::operand());
    unit.exit();
    EXPECT_RULE(unit, "not an addend that was looked up");
}

TEST(Verify, RefusesOtherUsesOfAKeptAddend)
{
    Unit guest_register, number, value;
    for (Unit* unit : {&guest_register, &number, &value}) unit->check(read_tag, read_addend, 8);
    for (Unit* unit : {&guest_register, &number}) unit->emit().store_slot(kept(0), host_t1);
    guest_register.emit().load_slot(rax, kept(0));
    number.emit().op_mem(0x03, host_t1, Emitter::slot(kept(0)));
    value.emit().store_slot(kept(0), rax);
    EXPECT_RULE(guest_register, "goes through a guest register");
    EXPECT_RULE(number, "is not just moved");
    EXPECT_RULE(value, "goes through a guest register");
}

TEST(Verify, AcceptsACheckedLoadAndStore)
{
    Unit unit;
    unit.check(read_tag, read_addend, 8);
    unit.emit().load(rax, Unit::operand());
    unit.check(write_tag, write_addend, 8);
    unit.emit().store(Unit::operand(), rax);
    unit.exit();
    EXPECT_EQ(unit.verdict(), "");
}

/// What stands between the look-up and the jump of a check that jumps only on a miss.
enum class Straight { whole, without_lea, other_register, delayed, other_jump };

void straight_check(Unit& unit, Straight form)
{
    Emitter& e = unit.emit();
    e.shrx32(host_t1, rbx, host_budget);
    e.load(host_t0, Emitter::table(read_tag, host_t1));
    e.lea(host_t0, {rbx, host_t0, 0, 7, false});
    e.shrx(host_t0, host_t0, host_budget);
    if (form != Straight::without_lea) e.lea(host_t0, {host_t0, -1, 0, -1, false});
    if (form == Straight::other_register)
        unit.put({0x66, 0x48, 0x0f, 0x38, 0xf6, 0xc8});  // adcx rcx, rax
    else
        unit.put({0x66, 0x48, 0x0f, 0x38, 0xf6, 0xc9});  // adcx rcx, rcx
    if (form == Straight::delayed) unit.put({0xf9});     // stc
    uint8_t* miss = e.jcc(form == Straight::other_jump ? 2 : 3);
    e.carry_from_scratch();
    e.load(host_t1, Emitter::table(read_addend, host_t1));
    e.load(rax, Unit::operand());
    unit.exit();
    e.aim_here(miss);
    unit.exit();
}

TEST(Verify, AcceptsACheckThatJumpsOnAMiss)
{
    Unit unit;
    straight_check(unit, Straight::whole);
    EXPECT_EQ(unit.verdict(), "");
}

TEST(Verify, RefusesWhatSuchACheckDoesNotShow)
{
    for (const Straight form :
         {Straight::without_lea, Straight::other_register, Straight::delayed, Straight::other_jump}) {
        Unit unit;
        straight_check(unit, form);
        EXPECT_RULE(unit, "not compared");
    }
}

TEST(Verify, RefusesToTakeOneLessForNothing)
{
    Unit unit;
    unit.emit().shrx32(host_t1, rbx, host_budget);
    unit.emit().load(host_t0, Emitter::table(read_tag, host_t1));
    unit.emit().lea(host_t0, {rbx, host_t0, 0, 7, false});
    unit.emit().shrx(host_t0, host_t0, host_budget);
    unit.emit().lea(host_t0, {host_t0, -1, 0, -1, false});
    unit.emit().jrcxz(10);
    unit.exit();
    unit.emit().load(host_t1, Emitter::table(read_addend, host_t1));
    unit.emit().load(rax, Unit::operand());
    unit.exit();
    EXPECT_RULE(unit, "not compared");
}

TEST(Verify, RefusesAnUncheckedAddress)
{
    Unit unit;
    unit.emit().load(rax, {rbx, -1, 0, 0, false});
    unit.exit();
    EXPECT_RULE(unit, "not looked up");
}

TEST(Verify, RefusesAnAccessLargerThanItsCheck)
{
    Unit unit;
    unit.check(read_tag, read_addend, 4);
    unit.emit().load(rax, Unit::operand());
    unit.exit();
    EXPECT_RULE(unit, "full size");
}

TEST(Verify, RefusesAnAccessBesideItsCheck)
{
    for (const int32_t disp : {1, -1}) {
        Unit unit;
        unit.check(read_tag, read_addend, 8);
        unit.emit().load(rax, Unit::operand(disp));
        unit.exit();
        EXPECT_RULE(unit, "full size");
    }
}

TEST(Verify, RefusesAnAccessWhoseBaseChangedSinceTheCheck)
{
    Unit unit;
    unit.check(read_tag, read_addend, 8);
    unit.put({0x48, 0x01, 0xc3});  // add rbx, rax
    unit.emit().load(rax, Unit::operand());
    unit.exit();
    EXPECT_RULE(unit, "not looked up");
}

TEST(Verify, AcceptsWhatAWindowShows)
{
    Unit unit;
    unit.check_window(16, true);
    unit.emit().store(Unit::operand(), rax);
    unit.put({0x48, 0x83, 0xc3, 0x08});  // add rbx, 8
    unit.emit().load(rax, Unit::operand());
    unit.exit();
    EXPECT_EQ(unit.verdict(), "");
}

TEST(Verify, KnowsThatATestWritesNothing)
{
    Unit unit;
    unit.check(read_tag, read_addend, 8);
    unit.put({0x48, 0x89, 0xd8});  // mov rax, rbx
    unit.put({0xa8, 0x07});        // test al, 7
    unit.put({0x48, 0x89, 0xc3});  // mov rbx, rax
    unit.emit().load(rax, Unit::operand());
    unit.exit();
    EXPECT_EQ(unit.verdict(), "");
}

TEST(Verify, RefusesWhatAWindowDoesNotShow)
{
    for (const int32_t disp : {9, -1}) {
        Unit unit;
        unit.check_window(16, true);
        unit.emit().load(rax, Unit::operand(disp));
        unit.exit();
        EXPECT_RULE(unit, "does not vouch");
    }
    Unit unchecked, others;
    unchecked.check_window(16, true, false);
    unchecked.emit().load(rax, Unit::operand());
    unchecked.exit();
    EXPECT_RULE(unchecked, "does not vouch");
    others.check_window(16, true);
    others.windows[0].number++;
    others.exit();
    EXPECT_RULE(others, "not the guest's");
}

TEST(Verify, RefusesAStoreThroughAWindowForLoads)
{
    Unit unit;
    unit.check_window(8, false);
    unit.emit().store(Unit::operand(), rax);
    unit.exit();
    EXPECT_RULE(unit, "window for loads");
}

TEST(Verify, RefusesALookUpWithoutAComparison)
{
    Unit unit;
    unit.check(read_tag, read_addend, 8, false);
    unit.emit().load(rax, Unit::operand());
    unit.exit();
    EXPECT_RULE(unit, "full size");
}

TEST(Verify, RefusesAStoreThroughTheTableOfLoads)
{
    Unit unit;
    unit.check(read_tag, read_addend, 8);
    unit.emit().store(Unit::operand(), rax);
    unit.exit();
    EXPECT_RULE(unit, "readable");
}

TEST(Verify, RefusesAComparisonWithOneTableAndTheAddendOfTheOther)
{
    Unit unit;
    unit.check(read_tag, write_addend, 8);
    unit.emit().store(Unit::operand(), rax);
    unit.exit();
    EXPECT_RULE(unit, "full size");
}

TEST(Verify, RefusesAPathThatComesBackBehindTheCheck)
{
    Unit unit;
    unit.check(read_tag, read_addend, 8);
    unit.resumes.push_back(unit.offset());
    unit.emit().load(rax, Unit::operand());
    unit.exit();
    EXPECT_RULE(unit, "not looked up");
}

TEST(Verify, RefusesAHostAddressInAGuestRegister)
{
    Unit unit;
    unit.check(read_tag, read_addend, 8);
    unit.emit().mov(rax, host_t1);
    unit.exit();
    EXPECT_RULE(unit, "guest register");
}

TEST(Verify, RefusesAHostAddressAsANumber)
{
    Unit unit;
    unit.check(read_tag, read_addend, 8);
    unit.put({0x4c, 0x01, 0xf8});  // add rax, r15
    unit.exit();
    EXPECT_RULE(unit, "as a number");
}

TEST(Verify, RefusesAHostAddressInASlot)
{
    Unit unit;
    unit.check(read_tag, read_addend, 8);
    unit.emit().store_slot(NORN_CTX_TMP, host_t1);
    unit.exit();
    EXPECT_RULE(unit, "as a number");
}

TEST(Verify, RefusesSlotsThatAreNotTheGuests)
{
    for (const int32_t slot : {NORN_CTX_HOST_RSP, NORN_CTX_FPU, NORN_CTX_SELF, -8, read_addend}) {
        Unit load, store;
        load.emit().load_slot(rax, slot);
        load.exit();
        EXPECT_RULE(load, "not the guest's");
        store.emit().store_slot(slot, rax);
        store.exit();
        EXPECT_RULE(store, "not the guest's");
    }
}

TEST(Verify, RefusesATableIndexThatIsNotBounded)
{
    Unit unit;
    unit.emit().load(host_t0, Emitter::table(read_tag, rbx));
    unit.exit();
    EXPECT_RULE(unit, "out of bounds");
}

TEST(Verify, RefusesABouncedOperandInAnOrdinaryUnit)
{
    Unit unit;
    unit.emit().load_slot(host_t1, NORN_CTX_BOUNCE);
    unit.emit().load(rax, {host_t1, -1, 0, 0, false});
    unit.exit();
    EXPECT_RULE(unit, "not the guest's");
    unit.bounced = true;
    EXPECT_EQ(unit.verdict(), "");
}

TEST(Verify, RefusesForbiddenInstructions)
{
    const std::initializer_list<std::initializer_list<int>> forbidden = {
        {0x0f, 0x05},                    // syscall
        {0x0f, 0x34},                    // sysenter
        {0xcd, 0x80},                    // int 0x80
        {0xf3, 0x48, 0x0f, 0xae, 0xd0},  // wrfsbase rax
        {0xf3, 0x48, 0x0f, 0xae, 0xd8},  // wrgsbase rax
        {0x8e, 0xe8},                    // mov gs, eax
        {0x0f, 0x01, 0xef},              // wrpkru
        {0x9d},                          // popf
        {0x9c},                          // pushf
        {0xfd},                          // std
        {0x50},                          // push rax
        {0xc3},                          // ret
        {0xcb},                          // retf
        {0xcf},                          // iret
        {0xe8, 0, 0, 0, 0},              // call
        {0xa4},                          // movsb
        {0xf3, 0xaa},                    // rep stosb
        {0xd7},                          // xlat
        {0xec},                          // in
        {0xee},                          // out
        {0x0f, 0x31},                    // rdtsc
        {0x0f, 0xa2},                    // cpuid
        {0x0f, 0xc7, 0xf0},              // rdrand
        {0x0f, 0xf7, 0xc1},              // maskmovq
        {0x67, 0x8b, 0x03},              // a 32-bit address
        {0xc5, 0xfc, 0x10, 0x03},        // vmovups ymm0, [rbx]
        {0xd9, 0x33},                    // fnstenv [rbx]
        {0x0f, 0xa3, 0x03},              // bt [rbx], eax
    };
    for (const auto& bytes : forbidden) {
        Unit unit;
        unit.put(bytes);
        unit.exit();
        const std::string verdict = unit.verdict();  // the decoder does not know all of them
        const bool refused =
            verdict.find("forbidden") != std::string::npos || verdict.find("not decode") != std::string::npos;
        EXPECT_TRUE(refused) << "first byte " << *bytes.begin() << ": " << verdict;
    }
}

TEST(Verify, RefusesASegmentOverride)
{
    Unit unit;
    unit.put({0x64, 0x48, 0x8b, 0x03});  // mov rax, fs:[rbx]
    unit.exit();
    EXPECT_RULE(unit, "segment override");
}

TEST(Verify, RefusesJumpsToOtherPlaces)
{
    Unit out, into, back;
    out.put({0xe9, 0, 0, 1, 0});
    EXPECT_RULE(out, "no entry");
    into.put({0xeb, 1});  // into the next instruction
    into.exit();
    EXPECT_RULE(into, "into an instruction");
    back.put({0x90, 0xeb, 0xfd});
    back.exit();
    EXPECT_RULE(back, "backward");
}

TEST(Verify, RefusesIndirectJumpsWithoutAHit)
{
    Unit by_register, by_table;
    by_register.put({0xff, 0xe0});  // jmp rax
    EXPECT_RULE(by_register, "no known link");
    by_table.emit().movzx16(host_t0, rbx);
    by_table.emit().jmp_mem(Emitter::table(jump_host, host_t0));
    EXPECT_RULE(by_table, "without a hit");
}

TEST(Verify, AcceptsAnIndirectJumpAfterAHit)
{
    Unit unit;
    unit.emit().movzx16(host_t0, rbx);
    unit.emit().load(host_t0, Emitter::table(jump_tag, host_t0));
    unit.emit().lea(host_t0, {rbx, host_t0, 0, 0, false});
    unit.emit().jrcxz(10);
    unit.exit();
    unit.emit().movzx16(host_t0, rbx);
    unit.emit().jmp_mem(Emitter::table(jump_host, host_t0));
    EXPECT_EQ(unit.verdict(), "");
}

/// A link to another page, with the one thing that is wrong with it.
enum class PageLink { whole, another_number, untested, loaded_again, other_register };

std::string verdict_on_page_link(PageLink form)
{
    constexpr uint32_t number = 7;
    Unit unit;
    unit.links = {form == PageLink::another_number ? number + 1 : number};
    unit.emit().load_slot(host_t0, slot_of_link(number));
    uint8_t* absent = form == PageLink::untested ? nullptr : unit.emit().jrcxz_short();
    if (form == PageLink::loaded_again) unit.emit().load_slot(host_t0, slot_of_link(number));
    if (form == PageLink::other_register)
        unit.put({0x41, 0xff, 0xe7});  // jmp r15
    else
        unit.emit().jmp_scratch();
    if (absent) unit.emit().aim_short(absent);
    unit.exit();
    return unit.verdict();
}

TEST(Verify, AUnitMayJumpToALinkThatIsThere)
{
    EXPECT_EQ(verdict_on_page_link(PageLink::whole), "");
    const auto broken = [](PageLink form, const char* rule) {
        const std::string verdict = verdict_on_page_link(form);
        EXPECT_NE(verdict.find(rule), std::string::npos) << verdict;
    };
    broken(PageLink::another_number, "not the guest's");
    broken(PageLink::untested, "no known link");
    broken(PageLink::loaded_again, "no known link");
    broken(PageLink::other_register, "no known link");
}

TEST(Verify, WhereALinkLeadsIsNoNumber)
{
    Unit unit;
    unit.links = {7};
    unit.emit().load_slot(host_t0, slot_of_link(7));
    unit.emit().mov(rbx, host_t0);
    unit.exit();
    EXPECT_RULE(unit, "host address");
}

TEST(Verify, ATargetMayWaitInTheSlotForIt)
{
    for (const bool changed : {false, true}) {
        Unit unit;
        unit.emit().mov(host_t1, rbx);
        unit.emit().store_slot(NORN_CTX_TMP, host_t1);
        unit.emit().movzx16(host_t0, host_t1);
        unit.emit().load(host_t0, Emitter::table(jump_tag, host_t0));
        unit.emit().lea(host_t0, {host_t1, host_t0, 0, 0, false});
        unit.emit().jrcxz(10);
        unit.exit();
        if (changed) unit.emit().store_slot(NORN_CTX_TMP, rax);
        unit.emit().load_slot(host_t1, NORN_CTX_TMP);
        unit.emit().movzx16(host_t0, host_t1);
        unit.emit().jmp_mem(Emitter::table(jump_host, host_t0));
        if (changed)
            EXPECT_RULE(unit, "without a hit");
        else
            EXPECT_EQ(unit.verdict(), "");
    }
}

TEST(Verify, RefusesAnExitThatIsNotItsOwn)
{
    Unit unit;
    unit.exit(end_site);
    EXPECT_RULE(unit, "not the unit's");
}

TEST(Verify, RefusesAnExitWithoutANumber)
{
    Unit unit;
    unit.emit().mov(host_t0, rax);
    unit.emit().jmp_to(unit.leave());
    EXPECT_RULE(unit, "without a number");
}

TEST(Verify, RefusesToChangeTheBudget)
{
    Unit twice, other;
    twice.emit().lea(host_budget, {host_budget, -1, 0, -64, false});
    twice.exit();
    EXPECT_RULE(twice, "charged twice");
    other.put({0x49, 0xff, 0xc5});  // inc r13
    other.exit();
    EXPECT_RULE(other, "write to the budget");
}

TEST(Verify, RefusesToRunOffItsEnd)
{
    Unit unit;
    unit.put({0x90});
    EXPECT_RULE(unit, "runs off");
}

TEST(Verify, ConstantsAreReadOnlyAndItsOwn)
{
    const auto with_constant = [](int opcode, int32_t distance) {
        Unit unit;
        unit.put({0x48, opcode, 0x05});  // rax, [rip + distance]
        unit.emit().word32(static_cast<uint32_t>(distance));
        unit.exit();
        unit.constants_here();
        unit.emit().word64(42);
        return unit.verdict();
    };
    constexpr int32_t behind_the_exit = 10;
    EXPECT_EQ(with_constant(0x8b, behind_the_exit), "");
    EXPECT_NE(with_constant(0x8b, behind_the_exit + 1).find("outside"), std::string::npos);
    EXPECT_NE(with_constant(0x89, behind_the_exit).find("own bytes"), std::string::npos);
}

/// Two units for one page, or for what another process has there.
TEST(Verify, JumpsAreAimedAtEntriesOfTheSamePageOnly)
{
    std::vector<uint8_t> bytes(64);
    Emitter emitter(bytes.data(), 0);
    emitter.mov_imm32(host_t0, first_site);
    emitter.jmp_to(bytes.data());
    BlockView from;
    from.host = emitter.here();
    from.leave = bytes.data();
    from.first_site = first_site, from.end_site = end_site;
    emitter.mov_imm32(host_t0, first_site);
    emitter.jmp_to(bytes.data());
    from.host_size = from.constants_offset = uint32_t(emitter.here() - from.host);
    from.guest_rip = 0x1000;
    BlockView to = from;
    to.host = emitter.here();
    emitter.mov_imm32(host_t0, first_site);
    emitter.jmp_to(bytes.data());

    const auto violations = [&](uint64_t rip, uint64_t stamp, const uint8_t* target) {
        Verifier verifier;
        verifier.translated(from);
        to.guest_rip = rip, to.stamp = stamp;
        verifier.translated(to);
        verifier.linked(from.host + 6, target);
        return verifier.violations();
    };
    EXPECT_EQ(violations(0x1080, 0, to.host), 0u);
    EXPECT_EQ(violations(0x1080, 0, to.host + 5), 1u) << "not an entry";
    EXPECT_EQ(violations(0x2000, 0, to.host), 1u) << "another page";
    EXPECT_EQ(violations(0x1080, 7, to.host), 1u) << "other content";
}

}  // namespace
}  // namespace norn::x86
