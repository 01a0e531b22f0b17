// Every system call of x86-64 Linux by number, with what its arguments are, a letter each:
//   f descriptor   p path          b buffer         l length    s structure   t timespec
//   i number       x flags         g signal         P pid       a address     o offset
//   m mode         u user          w vector of buffers          S signal set  F futex word
//   v vector of strings            n small number   k socket family, type or protocol
#pragma once

struct call {
    int number;
    const char* arguments;
};

// clang-format off
static const struct call calls[] = {
    {0, "fbl"}, {1, "fbl"}, {2, "pxm"}, {3, "f"}, {4, "ps"}, {5, "fs"}, {6, "ps"}, {7, "snn"}, {8, "fon"},
    {9, "alnxfo"}, {10, "aln"}, {11, "al"}, {12, "a"}, {13, "gssl"}, {14, "nSSl"}, {16, "fis"}, {17, "fblo"},
    {18, "fblo"}, {19, "fwn"}, {20, "fwn"}, {21, "pn"}, {22, "s"}, {23, "nssss"}, {24, ""}, {25, "allxa"},
    {26, "aln"}, {27, "alb"}, {28, "aln"}, {29, "ilx"}, {30, "nax"}, {31, "nns"}, {32, "f"}, {33, "ff"},
    {34, ""}, {35, "ts"}, {36, "ns"}, {37, "n"}, {38, "nss"}, {39, ""}, {40, "ffsl"}, {41, "kkk"}, {42, "fsn"},
    {43, "fss"}, {44, "fblxsn"}, {45, "fblxss"}, {46, "fsx"}, {47, "fsx"}, {48, "fn"}, {49, "fsn"}, {50, "fn"},
    {51, "fss"}, {52, "fss"}, {53, "kkks"}, {54, "fnnsn"}, {55, "fnnss"}, {56, "xasss"}, {57, ""}, {58, ""},
    {59, "pvv"}, {60, "n"}, {61, "Psxs"}, {62, "Pg"}, {63, "s"}, {64, "inx"}, {65, "nsn"}, {66, "nnni"},
    {67, "a"}, {68, "ix"}, {69, "nsnx"}, {70, "nslnx"}, {71, "nns"}, {72, "fni"}, {73, "fn"}, {74, "f"},
    {75, "f"}, {76, "pl"}, {77, "fl"}, {78, "fbl"}, {79, "bl"}, {80, "p"}, {81, "f"}, {82, "pp"}, {83, "pm"},
    {84, "p"}, {85, "pm"}, {86, "pp"}, {87, "p"}, {88, "pp"}, {89, "pbl"}, {90, "pm"}, {91, "fm"}, {92, "puu"},
    {93, "fuu"}, {94, "puu"}, {95, "m"}, {96, "ss"}, {97, "ns"}, {98, "ns"}, {99, "s"}, {100, "s"},
    {101, "nPai"}, {102, ""}, {103, "nbl"}, {104, ""}, {105, "u"}, {106, "u"}, {107, ""}, {108, ""},
    {109, "PP"}, {110, ""}, {111, ""}, {112, ""}, {113, "uu"}, {114, "uu"}, {115, "ns"}, {116, "ns"},
    {117, "uuu"}, {118, "sss"}, {119, "uuu"}, {120, "sss"}, {121, "P"}, {122, "u"}, {123, "u"}, {124, "P"},
    {125, "ss"}, {126, "ss"}, {127, "Sl"}, {128, "Sstl"}, {129, "Pgs"}, {130, "Sl"}, {131, "ss"}, {132, "ps"},
    {133, "pmi"}, {134, "p"}, {135, "x"}, {136, "is"}, {137, "ps"}, {138, "fs"}, {139, "nnn"}, {140, "nP"},
    {141, "nPn"}, {142, "Ps"}, {143, "Ps"}, {144, "Pns"}, {145, "P"}, {146, "n"}, {147, "n"}, {148, "Pt"},
    {149, "al"}, {150, "al"}, {151, "n"}, {152, ""}, {153, ""}, {154, "nsl"}, {155, "pp"}, {156, "s"},
    {157, "niiii"}, {158, "na"}, {159, "s"}, {160, "ns"}, {161, "p"}, {162, ""}, {163, "p"}, {164, "ss"},
    {165, "pppxs"}, {166, "px"}, {167, "px"}, {168, "p"}, {170, "bl"}, {171, "bl"}, {172, "n"}, {173, "iin"},
    {179, "npus"}, {186, ""}, {187, "fol"}, {188, "ppblx"}, {189, "ppblx"}, {190, "fpblx"}, {191, "ppbl"},
    {192, "ppbl"}, {193, "fpbl"}, {194, "pbl"}, {195, "pbl"}, {196, "fbl"}, {197, "pp"}, {198, "pp"},
    {199, "fp"}, {200, "Pg"}, {201, "s"}, {202, "FxntFn"}, {203, "Pls"}, {204, "Pls"}, {206, "ns"}, {207, "n"},
    {213, "n"}, {216, "alnlx"}, {217, "fbl"}, {218, "s"}, {219, ""}, {220, "nsnt"}, {221, "foln"}, {222, "nss"},
    {223, "nnss"}, {224, "ns"}, {225, "n"}, {226, "n"}, {227, "ns"}, {228, "ns"}, {229, "ns"}, {230, "nnts"},
    {231, "n"}, {232, "fsnn"}, {233, "fnfs"}, {234, "PPg"}, {235, "ps"}, {237, "alnsnx"}, {238, "nsl"},
    {239, "sslax"}, {240, "pxms"}, {241, "p"}, {242, "fblnt"}, {243, "fblst"}, {244, "fs"}, {245, "fss"},
    {246, "ilsx"}, {247, "nPsxs"}, {248, "ppbli"}, {249, "ppbi"}, {250, "niiii"}, {251, "nPn"}, {252, "nP"},
    {253, ""}, {254, "fpx"}, {255, "fn"}, {256, "Plss"}, {257, "fpxm"}, {258, "fpm"}, {259, "fpmi"},
    {260, "fpuux"}, {261, "fps"}, {262, "fpsx"}, {263, "fpx"}, {264, "fpfp"}, {265, "fpfpx"}, {266, "pfp"},
    {267, "fpbl"}, {268, "fpm"}, {269, "fpn"}, {270, "nssstS"}, {271, "sntSl"}, {272, "x"}, {273, "sl"},
    {274, "Pss"}, {275, "fsfslx"}, {276, "fflx"}, {277, "folx"}, {278, "fwnx"}, {279, "Plssx"}, {280, "fpsx"},
    {281, "fsnnSl"}, {282, "fSl"}, {283, "nx"}, {284, "n"}, {285, "fnol"}, {286, "fxss"}, {287, "fs"},
    {288, "fssx"}, {289, "fSlx"}, {290, "nx"}, {291, "x"}, {292, "ffx"}, {293, "sx"}, {294, "x"}, {295, "fwno"},
    {296, "fwno"}, {297, "Pgs"}, {298, "sPnfx"}, {299, "fsnxt"}, {300, "xx"}, {301, "fxxfp"}, {302, "Pnss"},
    {303, "fpssx"}, {304, "fsx"}, {305, "ns"}, {306, "f"}, {307, "fsnx"}, {308, "fx"}, {309, "ss"},
    {310, "Pwnwnx"}, {311, "Pwnwnx"}, {312, "PPnii"}, {313, "fpx"}, {314, "Psx"}, {315, "Pslx"},
    {316, "fpfpx"}, {317, "nxs"}, {318, "blx"}, {319, "px"}, {320, "fflpx"}, {321, "nsl"}, {322, "fpvvx"},
    {323, "x"}, {324, "nxn"}, {325, "aln"}, {326, "fsfslx"}, {327, "fwnox"}, {328, "fwnox"}, {329, "alnn"},
    {330, "xn"}, {331, "n"}, {332, "fpxxs"}, {333, "innsts"}, {334, "slxi"}, {424, "fgsx"}, {425, "ns"},
    {426, "fnnxSl"}, {427, "fnsn"}, {428, "fpx"}, {429, "fpfpx"}, {430, "px"}, {431, "fnpsn"}, {432, "fxx"},
    {433, "fpx"}, {434, "Px"}, {435, "sl"}, {436, "nnx"}, {437, "fpsl"}, {438, "ffx"}, {439, "fpnx"},
    {440, "fwnnx"}, {441, "fsntSl"}, {442, "fpxsl"}, {443, "fnus"}, {444, "slx"}, {445, "fnsx"}, {446, "fx"},
    {447, "x"}, {448, "fx"}, {449, "snxtn"}, {450, "alxx"}, {451, "fslx"}, {452, "fpmx"}, {453, "alx"},
    {454, "sxxn"}, {455, "sxxt"}, {456, "snxxt"}, {457, "slbl"}, {458, "slbl"}, {459, "nsx"}, {460, "nsx"},
    {461, "slx"}, {462, "al"}, {463, "fpsx"}, {500, "iiiiii"}, {512, "iiiiii"}, {-1, "iiiiii"},
    {1 << 30, "iiiiii"},
};
// clang-format on
